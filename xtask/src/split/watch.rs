//! Makes a module tell which of its functions were called: each marks its byte in a memory of its own, `called`.

use super::module::{Error, Module};
use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{
    CodeSection, ExportKind, ExportSection, Instruction, MemArg, MemArgTarget, MemorySection, MemoryType,
};
use wasmparser::Parser;

/// The bytes of a page of memory.
const PAGE: u64 = 65_536;

/// The module with its marks.
pub(crate) fn watched(module: &Module) -> Result<Vec<u8>, Error> {
    let mut watched = Watched { module, place: 0 };
    let mut out = wasm_encoder::Module::new();
    watched.parse_core_module(&mut out, Parser::new(0), module.bytes)?;
    Ok(out.finish())
}

struct Watched<'m, 'a> {
    module: &'m Module<'a>,
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
        let minimum = (self.module.defined.len() as u64).div_ceil(PAGE);
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
        function.instruction(&Instruction::I32Const(self.place as i32));
        function.instruction(&Instruction::I32Const(1));
        function.instruction(&Instruction::I32Store8(MemArg {
            offset: 0,
            align: 0,
            target: MemArgTarget::Memory(self.memory()),
            ordering: None,
        }));
        self.place += 1;
        let mut reader = body.get_operators_reader()?;
        while !reader.eof() {
            function.instruction(&self.parse_instruction(&mut reader)?);
        }
        code.function(&function);
        Ok(())
    }
}
