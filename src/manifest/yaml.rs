//! The first document of a text as events with byte spans, and where the reading stopped. The adapter to granit-parser, and
//! the only place that names it.

use std::borrow::Cow;

use granit_parser::{ErrorKind, Event as RawEvent, Parser, ScalarStyle, StructureStyle};

use super::{MAX_DEPTH, Span, at_once, blocks};

/// A piece of the tree, in the order of the text.
#[derive(Debug, PartialEq)]
pub(super) struct Event<'text> {
    /// What is written there; a block collection begins with an empty span before its first key or dash.
    pub(super) span: Span,
    /// What it is.
    pub(super) kind: EventKind<'text>,
    /// The number that `EventKind::Alias` refers to, and the place of the anchor, where one stands before it.
    pub(super) anchor: Option<(usize, Span)>,
}

/// What an event is.
#[derive(Debug, PartialEq)]
pub(super) enum EventKind<'text> {
    /// A scalar with its quotes and escapes undone.
    Scalar {
        /// What it says.
        text: Cow<'text, str>,
        /// How it is written.
        style: Style,
        /// Its tag, if it has one.
        tag: Option<Tag>,
    },
    /// A sequence begins; `End` ends it.
    Sequence {
        /// Whether it is written `[...]`.
        flow: bool,
    },
    /// A mapping begins: a key, a value, and so on up to `End`.
    Mapping {
        /// Whether it is written `{...}`.
        flow: bool,
    },
    /// The end of the innermost open sequence or mapping.
    End,
    /// The value of the anchor with this number, once more.
    Alias(usize),
    /// An alias that no anchor before it has the name of.
    UnknownAlias(Cow<'text, str>),
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// With neither quotes nor `|` or `>`.
    Plain,
    SingleQuoted,
    DoubleQuoted,
    /// On the lines below a `|` or `>`.
    Block,
}

/// The tags that change what a scalar is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    Str,
    Bool,
    Int,
    Float,
    Null,
    Timestamp,
    Binary,
    Merge,
    /// Any other: the scalar stays a string.
    Other,
}

/// Where and why reading stopped before the end of the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stop {
    /// The byte at which the reader noticed, which is often after the mistake.
    pub(super) at: usize,
    /// Why.
    pub(super) reason: Reason,
}

/// Why reading stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// A `: ` where no key can be: in a value, or after a value that went on over several lines.
    UnexpectedColon,
    /// A line where a key is needed and no colon comes.
    ColonExpected,
    /// A line in a block mapping that is no key of it.
    KeyExpected,
    /// A line in a block sequence that is no item of it.
    DashExpected,
    /// A `- ` where no item can be.
    UnexpectedDash,
    /// A `- ` within brackets.
    DashInBrackets,
    /// A collection in brackets that goes on without its comma or closing bracket.
    SeparatorExpected(char),
    /// A bracket that nothing closes.
    UnclosedBracket(char),
    /// A bracket closed by the other kind.
    MismatchedBracket {
        /// What would close it.
        wanted: char,
        /// What stands there.
        found: char,
    },
    /// A closing bracket that nothing opened.
    StrayBracket,
    /// A quote that nothing closes; the place is the quote.
    UnclosedQuote,
    /// Something stands right after a closing quote.
    TextAfterQuote,
    /// A backslash with something that is no escape; the place is the opening quote.
    UnknownEscape,
    /// A tab where only spaces can be.
    Tab,
    /// A character that begins no value.
    ReservedCharacter(char),
    /// A `*` or `&` without a name.
    NameExpected,
    /// A value is needed.
    ValueExpected,
    /// A block scalar whose first line says more than it may.
    BlockScalarHeader,
    /// A `---` in the middle, or a directive without one.
    DocumentStartExpected,
    /// Collections within collections, past `MAX_DEPTH`.
    TooDeep,
    /// A control character.
    ControlCharacter,
    /// Anything rarer.
    Other,
}

/// What was read of a text.
#[derive(Debug, Default)]
pub(super) struct Stream<'text> {
    /// The first document, or what came of it before `stop`.
    pub(super) events: Vec<Event<'text>>,
    /// What stopped it.
    pub(super) stop: Option<Stop>,
    /// Where something follows the first document that belongs to no document.
    pub(super) rest: Option<usize>,
}

/// Reads the first document of `text`.
pub(super) fn read(text: &str) -> Stream<'_> {
    read_until(text, text.len())
}

/// Reads the first document of `text`, but no further than the first event that begins past `end`.
pub(super) fn read_until(text: &str, end: usize) -> Stream<'_> {
    at_once(read_in_steps(text, end, &mut async || {}))
}

/// For how many events there is room from the beginning, at most.
const MOST_RESERVED: usize = 16_384;

/// After so many events the reading may pause.
const STEP: usize = 256;

/// The same with pauses.
pub(super) async fn read_in_steps<'text>(
    text: &'text str,
    end: usize,
    pause: &mut impl AsyncFnMut(),
) -> Stream<'text> {
    let all = if end < text.len() { None } else { blocks::events(text) };
    match all {
        Some(events) => Stream { events, ..Stream::default() },
        None => parse(text, end, pause).await,
    }
}

/// What the parser makes of a whole text.
#[cfg(test)]
pub(super) fn parsed(text: &str) -> Stream<'_> {
    at_once(parse(text, text.len(), &mut async || {}))
}

/// Reads with the parser, which knows all of YAML.
async fn parse<'text>(text: &'text str, end: usize, pause: &mut impl AsyncFnMut()) -> Stream<'text> {
    let options = granit_parser::options! {
        emit_comments: false,
        emit_anchor_events: true,
        emit_unresolved_aliases: true,
        bom_inside_document_as_content: true,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    // Dense YAML has an event for every four bytes, most has one for every ten. A long text may be one of many objects.
    let events = Vec::with_capacity((text.len().min(end) / 10 + 8).min(MOST_RESERVED));
    let mut stream = Stream { events, ..Stream::default() };
    let mut ended = false;
    for result in Parser::new_from_str_with_options(text, options) {
        let (event, raw) = match result {
            Ok(pair) => pair,
            Err(error) => {
                let at = error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
                // Behind a `...` nothing more belongs to the document.
                if ended || *error.kind() == ErrorKind::InvalidDocumentEnd {
                    stream.rest = Some(at);
                } else {
                    stream.stop = Some(Stop { at, reason: reason(error.kind()) });
                }
                break;
            }
        };
        let span = raw.byte_range().map_or(Span::at(text.len()), |range| Span::new(range.start, range.end));
        let tag = raw_tag(&event);
        let (kind, anchor) = match event {
            RawEvent::StreamStart | RawEvent::Comment(..) => continue,
            RawEvent::StreamEnd => break,
            RawEvent::DocumentStart(..) if ended => {
                stream.rest = Some(span.start as usize);
                break;
            }
            RawEvent::DocumentStart(..) => continue,
            RawEvent::DocumentEnd => {
                ended = true;
                continue;
            }
            RawEvent::Anchor(id, _) => {
                if let Some(last) = stream.events.last_mut() {
                    last.anchor = Some((id, span));
                }
                continue;
            }
            RawEvent::Alias(id) => (EventKind::Alias(id), None),
            RawEvent::UnresolvedAlias(name) => (EventKind::UnknownAlias(name), None),
            RawEvent::Scalar(value, style, ..) => {
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted => Style::SingleQuoted,
                    ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
                    ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
                };
                // A value that is not there comes as `~`, or as an empty text where it has a tag.
                let text = if style == Style::Plain && span.is_empty() { Cow::Borrowed("") } else { value };
                (EventKind::Scalar { text, style, tag }, None)
            }
            RawEvent::SequenceStart(style, ..) => {
                (EventKind::Sequence { flow: style == StructureStyle::Flow }, None)
            }
            RawEvent::MappingStart(style, ..) => {
                (EventKind::Mapping { flow: style == StructureStyle::Flow }, None)
            }
            RawEvent::SequenceEnd | RawEvent::MappingEnd => (EventKind::End, None),
            _ => continue,
        };
        if span.start as usize > end {
            break;
        }
        stream.events.push(Event { span, kind, anchor });
        if stream.events.len().is_multiple_of(STEP) {
            pause().await;
        }
    }
    stream
}

fn raw_tag(event: &RawEvent<'_>) -> Option<Tag> {
    let tag = event.tag()?;
    Some(match tag.suffix_in_namespace("tag:yaml.org,2002:").as_deref() {
        Some("str") => Tag::Str,
        Some("bool") => Tag::Bool,
        Some("int") => Tag::Int,
        Some("float") => Tag::Float,
        Some("null") => Tag::Null,
        Some("timestamp") => Tag::Timestamp,
        Some("binary") => Tag::Binary,
        Some("merge") => Tag::Merge,
        _ => Tag::Other,
    })
}

fn reason(kind: &ErrorKind) -> Reason {
    match kind {
        ErrorKind::MappingValueNotAllowed => Reason::UnexpectedColon,
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey | ErrorKind::CommentInterceptedScalar => {
            Reason::ColonExpected
        }
        ErrorKind::ExpectedBlockMappingKey | ErrorKind::MappingKeyNotAllowed => Reason::KeyExpected,
        ErrorKind::ExpectedBlockSequenceEntry | ErrorKind::InvalidIndentation => Reason::DashExpected,
        ErrorKind::BlockSequenceEntryNotAllowed | ErrorKind::InvalidBlockEntryWhitespace => {
            Reason::UnexpectedDash
        }
        ErrorKind::BlockEntryInFlowCollection => Reason::DashInBrackets,
        ErrorKind::ExpectedFlowMappingSeparator
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::FlowMappingValueAdjacentCollection => Reason::SeparatorExpected('}'),
        ErrorKind::ExpectedFlowSequenceSeparator
        | ErrorKind::InvalidColonPlacement
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofImplicitFlowMapping => Reason::SeparatorExpected(']'),
        ErrorKind::UnclosedFlowCollection { open } => Reason::UnclosedBracket(*open),
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            Reason::MismatchedBracket { wanted: if *open == '[' { ']' } else { '}' }, found: *close }
        }
        ErrorKind::MisplacedFlowCollectionEnd => Reason::StrayBracket,
        ErrorKind::UnclosedQuotedScalar
        | ErrorKind::DocumentIndicatorInQuotedScalar
        | ErrorKind::InvalidQuotedScalarIndent => Reason::UnclosedQuote,
        ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            Reason::TextAfterQuote
        }
        ErrorKind::UnknownQuotedScalarEscape
        | ErrorKind::InvalidQuotedScalarHexEscape
        | ErrorKind::InvalidLowSurrogateHexEscape
        | ErrorKind::InvalidLowSurrogate
        | ErrorKind::MissingLowSurrogate
        | ErrorKind::UnpairedLowSurrogate
        | ErrorKind::InvalidUnicodeEscape => Reason::UnknownEscape,
        ErrorKind::TabInIndentation
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabNotAllowed
        | ErrorKind::TabInPlainScalar
        | ErrorKind::TabAtBlockScalarStart => Reason::Tab,
        ErrorKind::UnexpectedCharacter { character } if character.is_control() => Reason::ControlCharacter,
        ErrorKind::UnexpectedCharacter { character } => Reason::ReservedCharacter(*character),
        ErrorKind::MissingAnchorOrAliasName => Reason::NameExpected,
        ErrorKind::ExpectedNodeContent => Reason::ValueExpected,
        ErrorKind::InvalidBlockScalarHeader | ErrorKind::ZeroBlockScalarIndent => Reason::BlockScalarHeader,
        ErrorKind::ExpectedDocumentStart | ErrorKind::MissingDocumentEndBeforeDirective => {
            Reason::DocumentStartExpected
        }
        ErrorKind::RecursionLimitExceeded => Reason::TooDeep,
        _ => Reason::Other,
    }
}
