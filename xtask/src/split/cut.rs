//! Cuts a module in two: what is listed stays, the rest goes into a second module that is loaded when one of its
//! functions is first called.
//!
//! In the first module a function that has gone keeps a stub where something there calls it: the stub sees to it that
//! the second module is there (by an import that loads it) and calls through the table, where the second module puts
//! its functions. A part of a function that has gone is called in the same way from where it was. The second module has
//! the first one's memory, tables and globals, and what it calls there it imports from a table that the page takes apart.

use super::body::Body;
use super::data::{self, Data, Segment};
use super::module::{Error, Module, used};
use super::part::Part;
use super::parts::Host;
use super::write::{self, Indices};
use std::collections::{BTreeMap, BTreeSet};
use wasm_encoder::reencode::{self, Reencode, RoundtripReencoder};
use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ElementSection, Elements, EntityType, ExportKind, ExportSection,
    Function, FunctionSection, GlobalSection, GlobalType, ImportSection, Instruction, TableSection,
    TableType, TypeSection,
};
use wasmparser::{FuncType, Parser, ValType};

/// The module and the name of the import that loads the second module.
const LOAD: (&str, &str) = ("rest", "load");
/// Where the second module imports from.
const FIRST: &str = "first";
/// The table of the functions that it imports, as `f0` and so on: shorter than an export for each.
const SHARED: &str = "shared";

/// The name by which the first module imports its nth import: the names that wasm-bindgen gives end in hashes.
pub(crate) fn short(n: usize) -> String {
    format!("i{n}")
}

/// The two modules.
#[derive(Debug)]
pub(crate) struct Halves {
    pub(crate) first: Vec<u8>,
    pub(crate) rest: Vec<u8>,
}

/// Cuts `module` so that only the functions with a host are in the first half, without the parts that were found in them.
pub(crate) fn cut(module: &Module, data: &Data, hosts: &[Option<Host>]) -> Result<Halves, Error> {
    let plan = Plan::new(module, data, hosts)?;
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
    /// What is in memory from the first module, and from the second.
    segments: (Vec<Segment>, Vec<Segment>),
    /// Of functions that have gone and are called from the first module: their place in the table.
    stubs: BTreeMap<u32, u32>,
    /// Of each function that stays, how its parts are called.
    calls: Vec<Vec<Call>>,
    /// Where functions are in the first module.
    here: Indices,
    /// The functions of the first module that the second calls, in the order in which the table `shared` holds them.
    shared: Vec<u32>,
    /// How many places the first table has in the end.
    places: u32,
    /// The types that the module does not have itself, after those that it has: first of `load` and of `ensure`.
    types: Vec<FuncType>,
    /// The types of what is called in the second module from several places: a function for each calls what it is given
    /// the number of.
    ways: Vec<Way>,
}

/// How a function in the second module is called.
#[derive(Clone, Copy)]
struct Call {
    /// Its place in the table.
    slot: u32,
    /// Its type.
    ty: u32,
}

/// A function that calls functions of a type in the second module.
struct Way {
    /// The type of what it calls.
    calls: u32,
    /// Its own type: the same with a number for which of them.
    ty: u32,
    /// The place of the first of them in the table.
    from: u32,
}

/// A place in the table that is not known yet.
const UNKNOWN: u32 = u32::MAX;

/// From how many calls on a function for them is shorter.
const WORTH_A_WAY: usize = 3;

impl<'m, 'a> Plan<'m, 'a> {
    fn new(module: &'m Module<'a>, data: &Data, hosts: &'m [Option<Host<'a>>]) -> Result<Self, Error> {
        let is_gone = |index: &u32| module.place(*index).is_some_and(|place| hosts[place].is_none());
        let table = module.tables.first().ok_or("no table")?;
        let places = u32::try_from(table.minimum)?;
        let mut stubs = BTreeMap::new();
        for (place, function) in &module.slots {
            if is_gone(function) {
                stubs.entry(*function).or_insert(*place);
            }
        }
        let mut called = module.outside.clone();
        let mut shared = BTreeSet::new();
        let mut numbers = module.numbers.clone();
        for (function, host) in module.defined.iter().zip(hosts) {
            let Some(host) = host else {
                shared.extend(&function.uses);
                continue;
            };
            for (place, op) in host.body.ops.iter().enumerate() {
                let is_in_part = host.parts.iter().any(|part| part.range.contains(&place));
                if !is_in_part {
                    numbers.extend(data::numbers(&op.operator));
                }
                if let Some(index) = used(&op.operator) {
                    if is_in_part { &mut shared } else { &mut called }.insert(index);
                }
            }
        }
        // Where the others are is said below.
        for function in called.iter().filter(|index| is_gone(index)) {
            stubs.entry(*function).or_insert(UNKNOWN);
        }
        shared.retain(|index| !is_gone(index));
        let types = vec![FuncType::new([], []), FuncType::new([ValType::I32], [ValType::I32])];
        if !module.data.iter().all(|segment| data.has(segment)) {
            return Err("what is in memory is not what the linker put there".into());
        }
        let segments = data.cut(&numbers);
        let (calls, ways, here) = (Vec::new(), Vec::new(), Indices::new());
        let shared = shared.into_iter().collect();
        let mut plan = Self { module, hosts, segments, stubs, calls, here, shared, places, types, ways };
        for host in hosts {
            let mut calls = Vec::new();
            if let Some(host) = host {
                calls.extend(host.parts.iter().map(|part| plan.call(&host.body, part)));
            }
            plan.calls.push(calls);
        }
        plan.find_places();
        plan.here.extend((0..plan.imported()).map(|index| (index, index)));
        let next = plan.ensure() + 1 + plan.ways.len() as u32;
        plan.here.extend(plan.order().into_iter().map(|place| module.index(place)).zip(next..));
        let Self { here, shared, .. } = &mut plan;
        shared.sort_by_key(|index| here[index]);
        Ok(plan)
    }
    fn call(&mut self, body: &Body, part: &Part) -> Call {
        Call { slot: UNKNOWN, ty: self.type_of(FuncType::new(part.parameters(body), part.results(body))) }
    }
    fn type_of(&mut self, ty: FuncType) -> u32 {
        let mut known = self.module.types.iter().chain(&self.types);
        let place = known.position(|known| *known == ty).unwrap_or_else(|| {
            self.types.push(ty);
            self.module.types.len() + self.types.len() - 1
        });
        place as u32
    }
    /// Gives each function that is called in the second module its place in the table: those of a type together, in the
    /// order in which the first module calls them.
    fn find_places(&mut self) {
        let mut calls: BTreeMap<u32, Vec<(usize, Option<usize>)>> = BTreeMap::new();
        for place in self.order() {
            for (n, call) in self.calls[place].iter().enumerate() {
                calls.entry(call.ty).or_default().push((place, Some(n)));
            }
            if self.stubs.get(&self.module.index(place)) == Some(&UNKNOWN) {
                calls.entry(self.module.defined[place].ty).or_default().push((place, None));
            }
        }
        for (ty, calls) in calls {
            if calls.len() >= WORTH_A_WAY {
                let own = self.module.types.iter().chain(&self.types).nth(ty as usize);
                let own = own.cloned().unwrap_or_else(|| FuncType::new([], []));
                let parameters = own.params().iter().copied().chain([ValType::I32]);
                let with_place = self.type_of(FuncType::new(parameters, own.results().iter().copied()));
                self.ways.push(Way { calls: ty, ty: with_place, from: self.places });
            }
            for (place, part) in calls {
                match part {
                    Some(n) => self.calls[place][n].slot = self.places,
                    None => _ = self.stubs.insert(self.module.index(place), self.places),
                }
                self.places += 1;
            }
        }
    }
    /// What calls a function in the second module, when its arguments are there.
    fn far(&self, call: Call) -> Vec<Instruction<'static>> {
        match self.ways.iter().position(|way| way.calls == call.ty) {
            Some(way) => {
                let nth = call.slot.wrapping_sub(self.ways[way].from).cast_signed();
                vec![Instruction::I32Const(nth), Instruction::Call(self.ensure() + 1 + way as u32)]
            }
            None => {
                let slot = Instruction::I32Const(call.slot.cast_signed());
                let indirect = Instruction::CallIndirect { type_index: call.ty, table_index: 0 };
                vec![slot, Instruction::Call(self.ensure()), indirect]
            }
        }
    }
    fn way(&self, way: &Way) -> Function {
        let mut function = Function::new([]);
        let parameters = self.module.types.iter().chain(&self.types).nth(way.ty as usize);
        for parameter in 0..parameters.map_or(0, |ty| ty.params().len() as u32) {
            function.instruction(&Instruction::LocalGet(parameter));
        }
        function.instruction(&Instruction::I32Const(way.from.cast_signed()));
        function.instruction(&Instruction::I32Add);
        function.instruction(&Instruction::Call(self.ensure()));
        function.instruction(&Instruction::CallIndirect { type_index: way.calls, table_index: 0 });
        function.instruction(&Instruction::End);
        function
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
        let mut functions = Vec::new();
        for place in self.order() {
            let function = &self.module.defined[place];
            let written = if let Some(host) = &self.hosts[place] {
                let parameters = self.module.types[function.ty as usize].params().len();
                let calls: Vec<_> = self.calls[place].iter().map(|call| self.far(*call)).collect();
                write::host(&host.body, parameters, &host.parts, &calls, &self.here)?
            } else {
                self.stub(function.ty, self.stubs[&self.module.index(place)])
            };
            functions.push((function.ty, written));
        }
        let mut first = First { plan: self, functions };
        let mut out = wasm_encoder::Module::new();
        first.parse_core_module(&mut out, Parser::new(0), self.module.bytes)?;
        Ok(out.finish())
    }
    /// The places of the functions that the first module defines, in the order in which it does: what is alike stands
    /// together, which brotli likes.
    fn order(&self) -> Vec<usize> {
        let is_here = |place: &usize| {
            self.hosts[*place].is_some() || self.stubs.contains_key(&self.module.index(*place))
        };
        let mut order: Vec<usize> = (0..self.hosts.len()).filter(is_here).collect();
        let function = |place: usize| &self.module.defined[place];
        order.sort_by_key(|place| {
            (self.hosts[*place].is_none(), function(*place).ty, function(*place).body.as_bytes().len())
        });
        order
    }
    fn stub(&self, ty: u32, slot: u32) -> Function {
        let mut stub = Function::new([]);
        for parameter in 0..self.module.types[ty as usize].params().len() as u32 {
            stub.instruction(&Instruction::LocalGet(parameter));
        }
        for instruction in self.far(Call { slot, ty }) {
            stub.instruction(&instruction);
        }
        stub.instruction(&Instruction::End);
        stub
    }
    fn rest(&self) -> Result<Vec<u8>, Error> {
        let mut indices: Indices = self.shared.iter().copied().zip(0..).collect();
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
        for (n, index) in self.shared.iter().enumerate() {
            imports.import(FIRST, &format!("f{n}"), EntityType::Function(self.module.type_of(*index)));
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
        out.section(&data_section(&self.segments.1));
        Ok(out.finish())
    }
}

fn data_section(segments: &[Segment]) -> DataSection {
    let mut section = DataSection::new();
    for segment in segments {
        section.active(0, &ConstExpr::i32_const(segment.at.cast_signed()), segment.bytes.iter().copied());
    }
    section
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
    /// The functions that it defines, with their types.
    functions: Vec<(u32, Function)>,
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
        Ok(self.plan.here[&index])
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
        _: wasmparser::ImportSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        let module = self.plan.module;
        for (n, ((from, _), ty)) in module.imports.iter().zip(&module.imported).enumerate() {
            imports.import(from, &short(n), EntityType::Function(*ty));
        }
        imports.import(LOAD.0, LOAD.1, EntityType::Function(self.plan.load_type()));
        Ok(())
    }
    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        _: wasmparser::FunctionSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        functions.function(self.plan.load_type() + 1);
        for way in &self.plan.ways {
            functions.function(way.ty);
        }
        for (ty, _) in &self.functions {
            functions.function(*ty);
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
        let shared = self.plan.shared.len() as u64;
        let element_type = wasm_encoder::RefType::FUNCREF;
        tables.table(TableType {
            element_type,
            table64: false,
            minimum: shared,
            maximum: Some(shared),
            shared: false,
        });
        Ok(())
    }
    fn parse_element_section(
        &mut self,
        elements: &mut ElementSection,
        section: wasmparser::ElementSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        reencode::utils::parse_element_section(self, elements, section)?;
        let shared: Vec<u32> = self.plan.shared.iter().map(|index| self.plan.here[index]).collect();
        let table = self.plan.module.tables.len() as u32;
        elements.active(Some(table), &ConstExpr::i32_const(0), Elements::Functions(shared.into()));
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
        let module = self.plan.module;
        for n in 0..module.tables.len() as u32 {
            exports.export(&format!("t{n}"), ExportKind::Table, n);
        }
        exports.export(SHARED, ExportKind::Table, module.tables.len() as u32);
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
        for way in &self.plan.ways {
            code.function(&self.plan.way(way));
        }
        for (_, function) in &self.functions {
            code.function(function);
        }
        Ok(())
    }
    fn data_count(&mut self, _: u32) -> Result<u32, reencode::Error> {
        Ok(self.plan.segments.0.len() as u32)
    }
    fn parse_data_section(
        &mut self,
        data: &mut DataSection,
        _: wasmparser::DataSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        *data = data_section(&self.plan.segments.0);
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
