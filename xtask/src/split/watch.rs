//! Makes a module tell what of its functions was reached: each place that control can come to marks its byte in a memory of
//! its own, `called`.

use super::body::is_lead;
use super::module::{Error, Module};
use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{
    CodeSection, ExportKind, ExportSection, Instruction, MemArg, MemArgTarget, MemorySection, MemoryType,
};
use wasmparser::{FunctionBody, Parser};

/// The bytes of a page of memory.
const PAGE: u64 = 65_536;

/// The module with its marks.
pub(crate) fn watched(module: &Module) -> Result<Vec<u8>, Error> {
    let mut leads = 0;
    for function in &module.defined {
        leads += marked(&function.body)?;
    }
    let mut watched = Watched { module, leads, place: 0 };
    let mut out = wasm_encoder::Module::new();
    watched.parse_core_module(&mut out, Parser::new(0), module.bytes)?;
    Ok(out.finish())
}

/// How many marks a body has.
pub(crate) fn marked(body: &FunctionBody) -> Result<usize, Error> {
    let (mut before, mut count) = (None, 0);
    for operator in body.get_operators_reader()? {
        count += usize::from(is_lead(before.as_ref()));
        before = Some(operator?);
    }
    Ok(count)
}

struct Watched<'m, 'a> {
    module: &'m Module<'a>,
    leads: usize,
    place: usize,
}

impl Watched<'_, '_> {
    fn memory(&self) -> u32 {
        self.module.memories.len() as u32
    }
}

impl Reencode for Watched<'_, '_> {
    type Error = std::convert::Infallible;
    fn parse_memory_section(
        &mut self,
        memories: &mut MemorySection,
        section: wasmparser::MemorySectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        reencode::utils::parse_memory_section(self, memories, section)?;
        let minimum = (self.leads as u64).div_ceil(PAGE);
        memories.memory(MemoryType {
            minimum,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        Ok(())
    }
    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        reencode::utils::parse_export_section(self, exports, section)?;
        exports.export("called", ExportKind::Memory, self.memory());
        Ok(())
    }
    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: wasmparser::FunctionBody<'_>,
    ) -> Result<(), reencode::Error> {
        let mut function = self.new_function_with_parsed_locals(&body)?;
        let mut before = None;
        for operator in body.get_operators_reader()? {
            let operator = operator?;
            if is_lead(before.as_ref()) {
                function.instruction(&Instruction::I32Const(self.place as i32));
                function.instruction(&Instruction::I32Const(1));
                function.instruction(&Instruction::I32Store8(MemArg {
                    offset: 0,
                    align: 0,
                    target: MemArgTarget::Memory(self.memory()),
                    ordering: None,
                }));
                self.place += 1;
            }
            function.instruction(&self.instruction(operator.clone())?);
            before = Some(operator);
        }
        code.function(&function);
        Ok(())
    }
}
