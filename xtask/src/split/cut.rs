//! Cuts a module in two: what is listed stays, the rest goes into a second module that is loaded when one of its
//! functions is first called.
//!
//! In the first module a function that has gone keeps a stub where something there calls it: the stub sees to it that
//! the second module is there (by an import that loads it) and calls through the table, where the second module puts
//! its functions. A part of a function that has gone is called in the same way from where it was. The second module has the first one's memory, tables and globals, and calls its functions by their
//! exports.

use super::body::Body;
use super::module::{Error, Module, used};
use super::part::Part;
use super::parts::Host;
use super::write::{self, Call};
use std::collections::{BTreeMap, BTreeSet};
use wasm_encoder::reencode::{self, Reencode, RoundtripReencoder};
use wasm_encoder::{
    CodeSection, ConstExpr, ElementSection, Elements, EntityType, ExportKind, ExportSection, Function,
    FunctionSection, GlobalSection, GlobalType, ImportSection, Instruction, TableSection, TypeSection,
};
use wasmparser::{FuncType, Parser, ValType};

/// The module and the name of the import that loads the second module.
const LOAD: (&str, &str) = ("rest", "load");
/// Where the second module imports from.
const FIRST: &str = "first";

/// The two modules.
#[derive(Debug)]
pub(crate) struct Halves {
    pub(crate) first: Vec<u8>,
    pub(crate) rest: Vec<u8>,
}

/// Cuts `module` so that only the functions with a host are in the first half, without the parts that were found in them.
pub(crate) fn cut(module: &Module, hosts: &[Option<Host>]) -> Result<Halves, Error> {
    let plan = Plan::new(module, hosts)?;
    let halves = Halves { first: plan.first()?, rest: plan.rest()? };
    for half in [&halves.first, &halves.rest] {
        wasmparser::validate(half)?;
    }
    Ok(halves)
}

/// Who goes where.
struct Plan<'m, 'a> {
    module: &'m Module<'a>,
    /// Of the functions that stay: what they are made of.
    hosts: &'m [Option<Host<'a>>],
    /// Of functions that have gone and are called from the first module: their place in the table.
    stubs: BTreeMap<u32, u32>,
    /// Of each function that stays, how its parts are called.
    calls: Vec<Vec<Call>>,
    /// The functions of the first module that the second calls, with the names they are exported by.
    shared: BTreeMap<u32, String>,
    /// How many places the first table has in the end.
    places: u32,
    /// The types that the module does not have itself, after those that it has: first of `load` and of `ensure`.
    types: Vec<FuncType>,
}

impl<'m, 'a> Plan<'m, 'a> {
    fn new(module: &'m Module<'a>, hosts: &'m [Option<Host<'a>>]) -> Result<Self, Error> {
        let is_gone = |index: &u32| module.place(*index).is_some_and(|place| hosts[place].is_none());
        let table = module.tables.first().ok_or("no table")?;
        let mut places = u32::try_from(table.minimum)?;
        let mut stubs = BTreeMap::new();
        for (place, function) in &module.slots {
            if is_gone(function) {
                stubs.entry(*function).or_insert(*place);
            }
        }
        let mut called = module.outside.clone();
        let mut shared = BTreeSet::new();
        for (function, host) in module.defined.iter().zip(hosts) {
            let Some(host) = host else {
                shared.extend(&function.uses);
                continue;
            };
            for (place, op) in host.body.ops.iter().enumerate() {
                let is_in_part = host.parts.iter().any(|part| part.range.contains(&place));
                if let Some(index) = used(&op.operator) {
                    if is_in_part { &mut shared } else { &mut called }.insert(index);
                }
            }
        }
        for function in called.iter().filter(|index| is_gone(index)) {
            stubs.entry(*function).or_insert_with(|| {
                places += 1;
                places - 1
            });
        }
        shared.retain(|index| !is_gone(index));
        let shared = shared.into_iter().enumerate().map(|(n, index)| (index, format!("f{n}"))).collect();
        let types = vec![FuncType::new([], []), FuncType::new([ValType::I32], [ValType::I32])];
        let mut plan = Self { module, hosts, stubs, calls: Vec::new(), shared, places, types };
        for host in hosts {
            let mut calls = Vec::new();
            if let Some(host) = host {
                calls.extend(host.parts.iter().map(|part| plan.call(&host.body, part)));
            }
            plan.calls.push(calls);
        }
        Ok(plan)
    }
    fn call(&mut self, body: &Body, part: &Part) -> Call {
        let ty = FuncType::new(part.parameters(body), part.results(body));
        let mut known = self.module.types.iter().chain(&self.types);
        let place = known.position(|known| *known == ty).unwrap_or_else(|| {
            self.types.push(ty);
            self.module.types.len() + self.types.len() - 1
        });
        self.places += 1;
        Call { slot: self.places - 1, ty: place as u32, ensure: self.ensure() }
    }
    fn imported(&self) -> u32 {
        self.module.imported.len() as u32
    }
    fn load_type(&self) -> u32 {
        self.module.types.len() as u32
    }
    /// The function that loads the second module where it is not there, and gives back what it is given: the first after
    /// those that are imported, `load` among them.
    fn ensure(&self) -> u32 {
        self.imported() + 1
    }
    /// The global that says whether the second module is there.
    fn is_there(&self) -> u32 {
        self.module.globals.len() as u32
    }
    fn first(&self) -> Result<Vec<u8>, Error> {
        // The functions keep their order; those that have gone without a stub leave no gap.
        let mut indices: BTreeMap<u32, u32> = (0..self.imported()).map(|index| (index, index)).collect();
        let mut next = self.ensure() + 1;
        for (place, host) in self.hosts.iter().enumerate() {
            let index = self.module.index(place);
            if host.is_some() || self.stubs.contains_key(&index) {
                indices.insert(index, next);
                next += 1;
            }
        }
        let mut functions = Vec::new();
        for (place, host) in self.hosts.iter().enumerate() {
            let function = &self.module.defined[place];
            if let Some(host) = host {
                let parameters = self.module.types[function.ty as usize].params().len();
                let calls = &self.calls[place];
                functions.push(write::host(&host.body, parameters, &host.parts, calls, &indices)?);
            } else if let Some(slot) = self.stubs.get(&self.module.index(place)) {
                functions.push(self.stub(function.ty, *slot));
            }
        }
        let mut first = First { plan: self, indices, functions };
        let mut out = wasm_encoder::Module::new();
        first.parse_core_module(&mut out, Parser::new(0), self.module.bytes)?;
        Ok(out.finish())
    }
    fn stub(&self, ty: u32, slot: u32) -> Function {
        let mut stub = Function::new([]);
        for parameter in 0..self.module.types[ty as usize].params().len() as u32 {
            stub.instruction(&Instruction::LocalGet(parameter));
        }
        stub.instruction(&Instruction::I32Const(slot.cast_signed()));
        stub.instruction(&Instruction::Call(self.ensure()));
        stub.instruction(&Instruction::CallIndirect { type_index: ty, table_index: 0 });
        stub.instruction(&Instruction::End);
        stub
    }
    fn rest(&self) -> Result<Vec<u8>, Error> {
        let mut indices: BTreeMap<u32, u32> =
            self.shared.keys().enumerate().map(|(n, index)| (*index, n as u32)).collect();
        let (mut functions, mut next) = (FunctionSection::new(), self.shared.len() as u32);
        let mut slots = Vec::new();
        for (place, function) in self.module.defined.iter().enumerate() {
            if self.hosts[place].is_none() {
                functions.function(function.ty);
                indices.insert(self.module.index(place), next);
                next += 1;
            }
            for call in &self.calls[place] {
                functions.function(call.ty);
                slots.push((call.slot, next));
                next += 1;
            }
        }
        slots.extend(self.stubs.iter().map(|(function, place)| (*place, indices[function])));
        let mut types = TypeSection::new();
        for ty in self.module.types.iter().chain(&self.types) {
            types.ty().func_type(&RoundtripReencoder.func_type(ty.clone())?);
        }
        let mut imports = ImportSection::new();
        for (index, name) in &self.shared {
            imports.import(FIRST, name, EntityType::Function(self.module.type_of(*index)));
        }
        for (n, table) in self.module.tables.iter().enumerate() {
            let mut table = *table;
            if n == 0 {
                table.minimum = self.places.into();
                table.maximum = table.maximum.map(|_| self.places.into());
            }
            imports.import(FIRST, &format!("t{n}"), table);
        }
        for (n, memory) in self.module.memories.iter().enumerate() {
            imports.import(FIRST, &format!("m{n}"), *memory);
        }
        for (n, global) in self.module.globals.iter().enumerate() {
            imports.import(FIRST, &format!("g{n}"), *global);
        }
        let mut elements = ElementSection::new();
        for run in runs(slots) {
            let functions: Vec<u32> = run.iter().map(|(_, function)| *function).collect();
            let offset = ConstExpr::i32_const(i32::try_from(run[0].0)?);
            elements.active(None, &offset, Elements::Functions(functions.into()));
        }
        let mut code = CodeSection::new();
        let mut mapped = write::Mapped { indices: &indices };
        for (function, host) in self.module.defined.iter().zip(self.hosts) {
            match host {
                None => mapped.parse_function_body(&mut code, function.body.clone())?,
                Some(host) => {
                    for part in &host.parts {
                        code.function(&write::part(&host.body, part, &indices)?);
                    }
                }
            }
        }
        let mut out = wasm_encoder::Module::new();
        out.section(&types).section(&imports).section(&functions).section(&elements).section(&code);
        Ok(out.finish())
    }
}

/// Places of the table that follow each other, each run by itself.
fn runs(mut places: Vec<(u32, u32)>) -> Vec<Vec<(u32, u32)>> {
    places.sort_unstable();
    let mut runs: Vec<Vec<(u32, u32)>> = Vec::new();
    for (place, function) in places {
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|(last, _)| last + 1 == place) => run.push((place, function)),
            _ => runs.push(vec![(place, function)]),
        }
    }
    runs
}

/// Writes the first module.
struct First<'p, 'm, 'a> {
    plan: &'p Plan<'m, 'a>,
    indices: BTreeMap<u32, u32>,
    /// The functions that it defines.
    functions: Vec<Function>,
}

impl First<'_, '_, '_> {
    fn ensure(&self) -> Function {
        let mut ensure = Function::new([]);
        ensure.instruction(&Instruction::GlobalGet(self.plan.is_there()));
        ensure.instruction(&Instruction::I32Eqz);
        ensure.instruction(&Instruction::If(wasm_encoder::BlockType::Empty));
        ensure.instruction(&Instruction::Call(self.plan.imported()));
        ensure.instruction(&Instruction::I32Const(1));
        ensure.instruction(&Instruction::GlobalSet(self.plan.is_there()));
        ensure.instruction(&Instruction::End);
        ensure.instruction(&Instruction::LocalGet(0));
        ensure.instruction(&Instruction::End);
        ensure
    }
}

impl Reencode for First<'_, '_, '_> {
    type Error = std::convert::Infallible;
    fn function_index(&mut self, index: u32) -> Result<u32, reencode::Error> {
        Ok(self.indices[&index])
    }
    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: wasmparser::TypeSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        reencode::utils::parse_type_section(self, types, section)?;
        for ty in &self.plan.types {
            types.ty().func_type(&RoundtripReencoder.func_type(ty.clone())?);
        }
        Ok(())
    }
    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: wasmparser::ImportSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        reencode::utils::parse_import_section(self, imports, section)?;
        imports.import(LOAD.0, LOAD.1, EntityType::Function(self.plan.load_type()));
        Ok(())
    }
    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        _: wasmparser::FunctionSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        functions.function(self.plan.load_type() + 1);
        for (place, function) in self.plan.module.defined.iter().enumerate() {
            if self.indices.contains_key(&self.plan.module.index(place)) {
                functions.function(function.ty);
            }
        }
        Ok(())
    }
    fn parse_table_section(
        &mut self,
        tables: &mut TableSection,
        _: wasmparser::TableSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        for (n, table) in self.plan.module.tables.iter().enumerate() {
            let mut table = *table;
            if n == 0 {
                table.minimum = self.plan.places.into();
                table.maximum = table.maximum.map(|_| self.plan.places.into());
            }
            tables.table(table);
        }
        Ok(())
    }
    fn parse_global_section(
        &mut self,
        globals: &mut GlobalSection,
        section: wasmparser::GlobalSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        reencode::utils::parse_global_section(self, globals, section)?;
        let there = GlobalType { val_type: wasm_encoder::ValType::I32, mutable: true, shared: false };
        globals.global(there, &ConstExpr::i32_const(0));
        Ok(())
    }
    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        reencode::utils::parse_export_section(self, exports, section)?;
        for (index, name) in &self.plan.shared {
            exports.export(name, ExportKind::Func, self.indices[index]);
        }
        let module = self.plan.module;
        for n in 0..module.tables.len() as u32 {
            exports.export(&format!("t{n}"), ExportKind::Table, n);
        }
        for n in 0..module.memories.len() as u32 {
            exports.export(&format!("m{n}"), ExportKind::Memory, n);
        }
        for n in 0..module.globals.len() as u32 {
            exports.export(&format!("g{n}"), ExportKind::Global, n);
        }
        Ok(())
    }
    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        _: wasmparser::CodeSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        code.function(&self.ensure());
        for function in &self.functions {
            code.function(function);
        }
        Ok(())
    }
    /// Names and the like stay out of the page.
    fn parse_custom_section(
        &mut self,
        _: &mut wasm_encoder::Module,
        _: wasmparser::CustomSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        Ok(())
    }
}
