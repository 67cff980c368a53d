//! A WebAssembly module, read as far as splitting it needs.

use super::data::Segment;
use std::collections::BTreeSet;
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{GlobalType, MemoryType, TableType};
use wasmparser::{
    ElementItems, ElementKind, FuncToValidate, FuncType, FuncValidator, FunctionBody, KnownCustom, Name,
    Operator, Parser, Payload, TypeRef, ValidPayload, Validator, ValidatorResources,
};

/// Why a module cannot be read or written.
pub(crate) type Error = Box<dyn std::error::Error>;

/// A function that the module itself defines.
pub(crate) struct Defined<'a> {
    /// The index of its type.
    pub(crate) ty: u32,
    /// Its body.
    pub(crate) body: FunctionBody<'a>,
    /// The functions that it calls or takes the reference of.
    pub(crate) uses: BTreeSet<u32>,
    /// Its name as people write it, without the hashes of crates; empty where it has none.
    pub(crate) name: String,
    validate: FuncToValidate<ValidatorResources>,
}

impl Defined<'_> {
    /// What knows the types of operands, before the first operator.
    pub(crate) fn validator(&self) -> FuncValidator<ValidatorResources> {
        let FuncToValidate { resources, index, ty, features } = &self.validate;
        let (resources, index, ty, features) = (resources.clone(), *index, *ty, *features);
        FuncToValidate { resources, index, ty, features }.into_validator(Default::default())
    }
}

/// A module.
#[derive(Default)]
pub(crate) struct Module<'a> {
    /// All its bytes.
    pub(crate) bytes: &'a [u8],
    /// The types of functions.
    pub(crate) types: Vec<FuncType>,
    /// The types of the functions that it imports, which have the first indices.
    pub(crate) imported: Vec<u32>,
    /// From where it imports them, and by which names.
    pub(crate) imports: Vec<(&'a str, &'a str)>,
    /// The functions that it defines, which have the next ones.
    pub(crate) defined: Vec<Defined<'a>>,
    /// Its tables, those that it imports first.
    pub(crate) tables: Vec<TableType>,
    /// Its memories.
    pub(crate) memories: Vec<MemoryType>,
    /// Its globals.
    pub(crate) globals: Vec<GlobalType>,
    /// What the first table holds: place and function.
    pub(crate) slots: Vec<(u32, u32)>,
    /// What it puts into memory.
    pub(crate) data: Vec<Segment>,
    /// The numbers that globals begin with: they may be addresses.
    pub(crate) numbers: BTreeSet<u32>,
    /// The functions that are exported, started, or referred to from outside of any body.
    pub(crate) outside: BTreeSet<u32>,
}

impl<'a> Module<'a> {
    /// Reads a module. What the splitter does not expect of rustc and wasm-bindgen is an error, never a guess.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, Error> {
        let mut module = Self { bytes, ..Self::default() };
        let mut types = Vec::new();
        let mut bodies = Vec::new();
        let mut names: Vec<(u32, String)> = Vec::new();
        let mut validator = Validator::new();
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload?;
            if let ValidPayload::Func(validate, body) = validator.payload(&payload)? {
                bodies.push((validate, body));
            }
            match payload {
                Payload::TypeSection(section) => {
                    for ty in section.into_iter_err_on_gc_types() {
                        module.types.push(ty?);
                    }
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import?;
                        module.imports.push((import.module, import.name));
                        match import.ty {
                            TypeRef::Func(ty) => module.imported.push(ty),
                            other => return Err(format!("an import that is no function: {other:?}").into()),
                        }
                    }
                }
                Payload::FunctionSection(section) => types = section.into_iter().collect::<Result<_, _>>()?,
                Payload::TableSection(section) => {
                    for table in section {
                        module.tables.push(RoundtripReencoder.table_type(table?.ty)?);
                    }
                }
                Payload::MemorySection(section) => {
                    for memory in section {
                        module.memories.push(RoundtripReencoder.memory_type(memory?)?);
                    }
                }
                Payload::GlobalSection(section) => {
                    for global in section {
                        let global = global?;
                        module.globals.push(RoundtripReencoder.global_type(global.ty)?);
                        for operator in global.init_expr.get_operators_reader() {
                            module.numbers.extend(super::data::numbers(&operator?));
                        }
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export?;
                        if export.kind == wasmparser::ExternalKind::Func {
                            module.outside.insert(export.index);
                        }
                    }
                }
                Payload::DataSection(section) => {
                    for segment in section {
                        module.data.push(super::data::active(&segment?)?);
                    }
                }
                Payload::StartSection { func, .. } => _ = module.outside.insert(func),
                Payload::ElementSection(section) => {
                    for element in section {
                        module.element(element?)?;
                    }
                }
                Payload::CustomSection(section) => {
                    if let KnownCustom::Name(subsections) = section.as_known() {
                        for subsection in subsections {
                            if let Name::Function(map) = subsection? {
                                for naming in map {
                                    let naming = naming?;
                                    let readable = rustc_demangle::demangle(naming.name);
                                    names.push((naming.index, without_hashes(&format!("{readable:#}"))));
                                }
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        for (ty, (validate, body)) in types.into_iter().zip(bodies) {
            let uses = uses(&body)?;
            module.defined.push(Defined { ty, body, uses, name: String::new(), validate });
        }
        for (index, name) in names {
            if let Some(function) = module.place(index) {
                module.defined[function].name = name;
            }
        }
        Ok(module)
    }
    /// The place of a function among those that are defined here.
    pub(crate) fn place(&self, index: u32) -> Option<usize> {
        (index as usize).checked_sub(self.imported.len()).filter(|place| *place < self.defined.len())
    }
    /// The index of the function that is defined at a place.
    pub(crate) fn index(&self, place: usize) -> u32 {
        (self.imported.len() + place) as u32
    }
    /// The type of a function.
    pub(crate) fn type_of(&self, index: u32) -> u32 {
        self.place(index).map_or_else(|| self.imported[index as usize], |place| self.defined[place].ty)
    }
    fn element(&mut self, element: wasmparser::Element<'a>) -> Result<(), Error> {
        let ElementItems::Functions(functions) = element.items else {
            // A table of references of another sort holds no function.
            return Ok(());
        };
        let functions: Vec<u32> = functions.into_iter().collect::<Result<_, _>>()?;
        match element.kind {
            ElementKind::Active { table_index: None | Some(0), offset_expr } => {
                let mut reader = offset_expr.get_operators_reader();
                let Operator::I32Const { value } = reader.read()? else {
                    return Err("a table whose beginning is no constant".into());
                };
                let first = u32::try_from(value)?;
                self.slots.extend((first..).zip(functions));
            }
            _ => self.outside.extend(functions),
        }
        Ok(())
    }
}

fn uses(body: &FunctionBody) -> Result<BTreeSet<u32>, Error> {
    let mut uses = BTreeSet::new();
    for operator in body.get_operators_reader()? {
        uses.extend(used(&operator?));
    }
    Ok(uses)
}

/// The function that an operator calls or takes the reference of.
pub(crate) fn used(operator: &Operator) -> Option<u32> {
    match operator {
        Operator::Call { function_index }
        | Operator::ReturnCall { function_index }
        | Operator::RefFunc { function_index } => Some(*function_index),
        _ => None,
    }
}

/// A name without the hashes of crates, `[0123456789abcdef]`, which differ between machines and versions.
fn without_hashes(name: &str) -> String {
    let mut parts = name.split('[');
    let mut short = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(']') {
            Some((hash, after)) if hash.len() > 8 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                short.push_str(after);
            }
            _ => {
                short.push('[');
                short.push_str(part);
            }
        }
    }
    short
}
