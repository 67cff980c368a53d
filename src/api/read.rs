//! Texts to objects and diagnostics: joins what the reader of YAML, the structure of the kinds and the rules
//! say. Never fails and never panics.

use super::alone::alone;
use super::custom::Definitions;
use super::identity::{Identity, identify};
use super::kinds::{Kind, ObjectKey};
use super::memory::{Memory, known, recalled};
use super::mend::Mender;
use super::objects::Object;
use super::rules::{self, Check};
use super::subject::{Findings, Subject, Where, node_to_value};
use super::world::World;
use crate::manifest::{self, Diagnostic, Document, MAX_DIAGNOSTICS, Node, NodeKind, Severity, Span, at_once};
use crate::msg;
use crate::value::Value;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::ops::Range;
use std::rc::Rc;

/// What was understood of a text.
#[derive(Clone, Debug, Default)]
pub struct Read {
    /// The objects in their order. The items of a list are objects of their own, without the list.
    pub documents: Vec<ReadDocument>,
    /// What is wrong, doubtful or good to know, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// One object of a text.
#[derive(Clone, Debug)]
pub struct ReadDocument {
    /// Where it stands: the whole document between its `---` lines, or the item of a list.
    pub span: Span,
    /// What it says, with the place of every key and value.
    pub node: Rc<Node>,
    /// What it says, as kubectl would send it.
    pub value: Value,
    /// The object as the API server would decode it; none where kubectl or the server would refuse it whatever
    /// the cluster holds.
    pub object: Option<Object>,
    /// What it is called, as far as that can be told. A Namespace that is not written is `default`.
    pub key: Option<ObjectKey>,
    /// Whether the cluster gives life to its kind.
    pub simulated: bool,
}

impl Read {
    /// The document that a place of the text belongs to.
    pub fn document_at(&self, at: usize) -> Option<usize> {
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        self.documents.iter().position(|document| document.span.start <= at && at <= document.span.end)
    }

    /// How many diagnostics are errors.
    pub fn errors(&self) -> usize {
        self.diagnostics.iter().filter(|found| found.severity == Severity::Error).count()
    }
}

/// Reads one text.
///
/// ```
/// use podium::api::read::read;
/// use podium::manifest::apply_edits;
///
/// let text = "apiVersion: v1\nkind: Pdo\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n    image: nginx:1.27\n";
/// let found = &read(text).diagnostics[0];
/// assert_eq!(found.code, "misspelt-kind");
/// let mended = apply_edits(text, &found.fixes[0].edits);
/// assert!(read(&mended).diagnostics.is_empty());
/// ```
pub fn read(text: &str) -> Read {
    read_all(&[text], &[]).pop().unwrap_or_default()
}

/// Reads the texts of several files, which belong together: a Service in one may select the Pods of another.
/// `existing` is what the cluster holds already. One `Read` for each text.
pub fn read_all(texts: &[&str], existing: &[Object]) -> Vec<Read> {
    at_once(read_all_in_steps(texts, existing, &mut async || {}))
}

/// The same with a pause before each document and each rule.
pub async fn read_all_in_steps(
    texts: &[&str],
    existing: &[Object],
    pause: &mut impl AsyncFnMut(),
) -> Vec<Read> {
    read_all_recalling(texts, existing, &mut Memory::default(), pause).await
}

/// The same where documents that were read before are not read again.
pub async fn read_all_recalling(
    texts: &[&str],
    existing: &[Object],
    memory: &mut Memory,
    pause: &mut impl AsyncFnMut(),
) -> Vec<Read> {
    let mut recall = |text: &str, start| memory.find(text).map(|known| known.root_at(start));
    let mut parsed = Vec::with_capacity(texts.len());
    for text in texts {
        parsed.push(manifest::parse_recalling(text, &mut recall, pause).await);
    }
    let mut findings = Findings::default();
    let mut unwanted: Vec<Vec<bool>> =
        parsed.iter().map(|parsed| vec![false; parsed.diagnostics.len()]).collect();
    let (mut subjects, mut objects, mut ends) = (Vec::new(), Vec::new(), Vec::new());
    let roots = parsed.iter().flat_map(|parsed| drafts(&parsed.documents));
    let definitions = Definitions::new(roots.map(|draft| draft.node), existing);
    for (file, ((text, parsed), unwanted)) in texts.iter().zip(&parsed).zip(&mut unwanted).enumerate() {
        for (document, draft) in drafts(&parsed.documents).into_iter().enumerate() {
            pause().await;
            let place = Where { file, document };
            let here = within(&parsed.diagnostics, draft.document.span);
            // Each object has findings of its own: what is told of others does not count, however much it is.
            let mut own = Findings::default();
            let told = &parsed.diagnostics[here.clone()];
            let own_text = draft.document.span.slice(text);
            let is_plain = told.is_empty() && draft.span == draft.document.span;
            if let Some(known) = is_plain.then(|| memory.find(own_text)).flatten() {
                let subject = recalled((place, text, draft.document.span), draft.node, &known);
                known.told_at(draft.document.span.start).for_each(|told| own.report(place, told));
                ends.push(End::new(Some(&subject), known.value.clone(), known.object.clone()));
                subjects.push(subject);
                objects.push(known.object.clone());
                findings.append(own);
                continue;
            }
            if parsed.is_foreign {
                // What it is was told. It says nothing of the cluster.
                ends.push(End::new(None, node_to_value(draft.node), None));
                continue;
            }
            let is_custom = !draft.document.broken && definitions.judge(place, text, draft.node, &mut own);
            let subject = match is_custom {
                true => None,
                false => subject(place, text, &draft, told, &mut unwanted[here], &mut own),
            };
            if let Some(subject) = subject.as_ref().filter(|subject| subject.readable) {
                alone(subject, &mut own);
            }
            let written = subject.as_ref().and_then(Subject::written);
            let value = written.map_or_else(|| node_to_value(draft.node), Value::clone);
            // What is wrong with the object itself decides whether it is one; what others lack does not.
            let is_taken = |subject: &&Subject| subject.readable && !own.has_error(place);
            let object = subject.as_ref().filter(is_taken).and_then(decoded);
            ends.push(End::new(subject.as_ref(), value, object.clone()));
            if let Some(subject) = subject {
                let is_clean = is_plain
                    && subject.readable
                    && subject.doubts.is_empty()
                    && own.diagnostics.iter().all(|(_, told)| told.fixes.is_empty());
                if is_clean && subject.written().is_some() && memory.wants(draft.document, own_text) {
                    memory.keep(own_text, known(draft.document, &subject, &object, &own));
                }
                subjects.push(subject);
                objects.push(object);
            }
            findings.append(own);
        }
    }
    let world = World::new(&subjects, &objects, existing);
    for rule in rules::all() {
        pause().await;
        match rule.check {
            Check::Across(check) => check(&world, &mut findings),
            Check::Among(kinds, check) => {
                for written in world.written(kinds) {
                    pause().await;
                    check(&world, &written, &mut findings);
                }
            }
            _ => {}
        }
    }
    drop(world);
    drop(subjects);
    let mut found: Vec<Vec<Diagnostic>> = texts.iter().map(|_| Vec::new()).collect();
    for (place, diagnostic) in findings.diagnostics {
        if let Some(found) = found.get_mut(place.file) {
            found.push(diagnostic);
        }
    }
    let mut ends = ends.into_iter();
    let mut reads = Vec::with_capacity(texts.len());
    for ((parsed, unwanted), found) in parsed.into_iter().zip(unwanted).zip(found) {
        pause().await;
        let told = parsed.diagnostics.into_iter().zip(unwanted);
        let told = told.filter(|(_, unwanted)| !unwanted).map(|(told, _)| told).collect();
        let mut documents = Vec::with_capacity(parsed.documents.len());
        for (span, node) in parsed.documents.into_iter().flat_map(taken_apart) {
            let Some(End { value, object, key, simulated }) = ends.next() else { break };
            documents.push(ReadDocument { span, node, value, object, key, simulated });
        }
        reads.push(Read { documents, diagnostics: together(told, found) });
    }
    reads
}

/// What the reader of YAML and the rules tell of a text, in its order, as far as a person reads that.
fn together(told: Vec<Diagnostic>, found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    // What a rule tells again it knows better.
    let again: BTreeSet<(&str, Span)> = found.iter().map(|found| (found.code, found.span)).collect();
    let mut all: Vec<Diagnostic> =
        told.into_iter().filter(|told| !again.contains(&(told.code, told.span))).collect();
    let errors: BTreeSet<Span> =
        all.iter().filter(|told| told.severity == Severity::Error).map(|told| told.span).collect();
    all.extend(found.into_iter().filter(|found| !errors.contains(&found.span)));
    let rest = all.len().saturating_sub(MAX_DIAGNOSTICS);
    if rest > 0 {
        // The worst are told, and of these the first.
        all.sort_by_key(|found| (found.severity, found.span));
        all.truncate(MAX_DIAGNOSTICS);
        let more = Diagnostic::new(msg!("more-findings"), Severity::Hint, Span::at(0));
        all.push(more.arg("count", rest).arg("limit", MAX_DIAGNOSTICS));
    }
    all.sort_by_key(|found| (found.span, found.severity));
    all
}

/// Those of the reader's diagnostics that begin in a document.
fn within(told: &[Diagnostic], document: Span) -> Range<usize> {
    let before = |place: u32| told.partition_point(|told| told.span.start < place);
    let from = before(document.start);
    from..told.partition_point(|told| told.span.start <= document.end).max(from)
}

/// What becomes of an object, once the rules need its tree no longer.
struct End {
    value: Value,
    object: Option<Object>,
    key: Option<ObjectKey>,
    simulated: bool,
}

impl End {
    fn new(subject: Option<&Subject>, value: Value, object: Option<Object>) -> End {
        let kind = subject.and_then(|subject| subject.kind);
        let key = subject.and_then(|subject| {
            let name = subject.name();
            (!name.is_empty()).then_some(ObjectKey::new(subject.kind?, subject.namespace(), name))
        });
        End { value, object, key, simulated: kind.is_some_and(Object::is_simulated) }
    }
}

/// An object before it is looked at.
struct Draft<'a> {
    /// The YAML document.
    document: &'a Document,
    /// The object in it.
    node: &'a Node,
    /// Where the object stands.
    span: Span,
}

/// The objects of a text as kubectl would send them, whether or not anything is wrong with them.
pub fn values(text: &str) -> Vec<Value> {
    drafts(&manifest::parse(text).documents).iter().map(|draft| node_to_value(draft.node)).collect()
}

/// The objects of the documents, the items of lists among them.
fn drafts(documents: &[Document]) -> Vec<Draft<'_>> {
    let mut drafts = Vec::new();
    for document in documents {
        match list_items(&document.root) {
            Some(items) => drafts.extend(items.iter().map(|node| Draft { document, node, span: node.span })),
            None => drafts.push(Draft { document, node: &document.root, span: document.span }),
        }
    }
    drafts
}

/// The items of a list of objects: `kind: List`, or `PodList` and the like.
fn list_items(root: &Node) -> Option<&[Node]> {
    let kind = root.get("kind").and_then(Node::as_str)?;
    match root.get("items").map(|items| &items.kind) {
        Some(NodeKind::Sequence(items)) if kind.ends_with("List") && !items.is_empty() => Some(items),
        _ => None,
    }
}

/// The objects of a document with their places, in the order of `drafts`.
fn taken_apart(document: Document) -> Vec<(Span, Rc<Node>)> {
    if list_items(&document.root).is_none() {
        return vec![(document.span, document.root)];
    }
    let NodeKind::Mapping(entries) = Rc::unwrap_or_clone(document.root).kind else { return Vec::new() };
    let items = entries.into_iter().find(|entry| &*entry.key == "items").map(|entry| entry.value.kind);
    let Some(NodeKind::Sequence(items)) = items else { return Vec::new() };
    items.into_iter().map(|node| (node.span, Rc::new(node))).collect()
}

/// The object as the rules see it; none where it is not known what it is.
fn subject<'a>(
    place: Where,
    text: &'a str,
    draft: &Draft<'a>,
    told: &[Diagnostic],
    unwanted: &mut [bool],
    findings: &mut Findings,
) -> Option<Subject<'a>> {
    let readable = !draft.document.broken;
    // Of a document that kubectl cannot read nothing more is told, but others may count on it.
    let mut silent = Findings::default();
    let findings = if readable { findings } else { &mut silent };
    let identity = identify(place, text, draft.node, findings);
    let mut heard = Vec::new();
    let subject = identity.map(|Identity { api_version, kind, definition }| {
        let mut mender = Mender::new(place, text, (draft.node, definition), told, findings);
        let mended = mender.run();
        heard = std::mem::take(&mut mender.heard);
        let doubts = std::mem::take(&mut mender.doubts);
        let root = mended.map_or(Cow::Borrowed(draft.node), Cow::Owned);
        let id = Kind::of(&api_version, &kind);
        Subject {
            place,
            text,
            span: draft.document.span,
            value: node_to_value(&root),
            canonical: OnceCell::new(),
            root,
            api_version,
            kind_name: kind,
            kind: id,
            definition,
            doubts,
            readable,
        }
    });
    for (i, (found, unwanted)) in told.iter().zip(unwanted).enumerate() {
        let here =
            draft.span.start <= found.span.start && found.span.end <= draft.span.end.max(draft.node.span.end);
        // A text without a space after its colon is fine where a text is wanted.
        let text_is_fine = found.consequence == Some(msg!("string-where-mapping"))
            && here
            && readable
            && subject.is_some()
            && !heard.contains(&i);
        if !text_is_fine {
            continue;
        }
        *unwanted = true;
    }
    subject
}

/// The object that a document says, as the API server would decode it.
fn decoded(subject: &Subject) -> Option<Object> {
    Object::decode(subject.kind?, subject.canonical()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::objects::Namespace;
    use crate::manifest::{Edit, apply_edits};
    use std::rc::Rc;

    const NOTE: &str = include_str!("../../tests/rules/note_myapp.yaml");

    /// The study note's manifest without the notes of the test.
    fn myapp() -> String {
        NOTE.split_inclusive('\n').filter(|line| !line.starts_with("# error ")).collect()
    }

    fn codes(read: &Read) -> Vec<&str> {
        read.diagnostics.iter().map(|found| found.code).collect()
    }

    #[test]
    fn the_notes_manifest_has_four_mistakes_which_are_mended_in_any_order() {
        let text = myapp();
        let found = read(&text);
        assert_eq!(
            codes(&found),
            ["misspelt-kind", "namespace-missing", "missing-space-after-colon", "one-level-off"]
        );
        assert!(found.documents.iter().all(|document| document.object.is_none()), "nothing is applied");
        assert!(found.diagnostics.iter().all(|found| found.fixes.len() == 1), "each fix is certain");
        let all: Vec<Edit> =
            found.diagnostics.iter().flat_map(|found| found.fixes[0].edits.clone()).collect();
        let mended = apply_edits(&text, &all);
        assert_eq!(codes(&read(&mended)), [] as [&str; 0], "all at once:\n{mended}");
        // Every order of four, each read again after each fix.
        for order in 0..24 {
            let (mut text, mut left) = (text.clone(), order);
            for rest in (1..=4).rev() {
                let found = read(&text).diagnostics;
                assert_eq!(found.len(), rest, "in order {order}:\n{text}");
                text = apply_edits(&text, &found[left % rest].fixes[0].edits);
                left /= rest;
            }
            assert_eq!(text, mended, "in order {order}");
        }
        let objects = read(&mended).documents;
        let keys: Vec<_> =
            objects.iter().filter_map(|document| document.object.as_ref()).map(Object::key).collect();
        assert_eq!(keys.len(), 2, "the Namespace and the Deployment");
        assert_eq!((&*keys[1].namespace, &*keys[1].name), ("myapp-ns", "myapp-deployment"));
    }

    #[test]
    fn good_documents_are_objects_beside_bad_ones() {
        let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: first}\n---\nkind: [\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: 1}\n---\napiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: second}\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: third, labels: 1}\n";
        let found = read(text);
        let documents: Vec<_> = found
            .documents
            .iter()
            .map(|document| {
                let name = document.key.as_ref().map_or("", |key| &key.name);
                (name, document.object.is_some(), document.simulated)
            })
            .collect();
        assert_eq!(
            documents,
            [
                ("first", true, true),
                ("", false, false),
                ("web", false, true),
                ("second", true, true),
                ("third", false, true)
            ]
        );
        let at = text.find("second").expect("is there");
        assert_eq!(found.document_at(at), Some(3), "an item is a document of its own");
    }

    #[test]
    fn files_are_read_together_and_with_what_exists() {
        let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  namespace: team\n  labels: {app: web}\nspec:\n  containers:\n  - {name: web, image: \"nginx:1.27\"}\n";
        let service = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  namespace: team\nspec:\n  selector: {app: web}\n  ports:\n  - port: 80\n";
        let alone: Vec<Vec<&str>> =
            vec![vec!["namespace-missing"], vec!["namespace-missing", "service-selects-nothing"]];
        assert_eq!([codes(&read(pod)), codes(&read(service))], *alone);
        let mut team = Namespace::default();
        Rc::make_mut(&mut team.metadata).name = "team".into();
        let together = read_all(&[pod, service], &[team.into()]);
        assert_eq!(together.iter().map(codes).collect::<Vec<_>>(), [[] as [&str; 0], []]);
        let pod_exists = read(pod).documents[0].object.clone().expect("only its Namespace is missing");
        let with_pod = read_all(&[service], &[pod_exists]);
        assert_eq!(codes(&with_pod[0]), ["namespace-missing"], "the Pod is in the cluster already");
    }

    #[test]
    fn whatever_is_cut_off_is_read() {
        let fixtures = [
            NOTE,
            include_str!("../../tests/rules/kinds.yaml"),
            include_str!("../../tests/rules/unknown_field.yaml"),
        ];
        for text in fixtures {
            for (at, _) in text.char_indices().step_by(17) {
                let read = read(&text[..at]);
                assert!(read.diagnostics.iter().all(|found| found.span.end as usize <= text.len()));
            }
        }
    }

    #[test]
    fn what_is_read_is_found_at_its_place() {
        let text = myapp();
        let found = read(&text);
        let container = found.documents[0]
            .node
            .get("spec")
            .and_then(|spec| spec.get("template"))
            .and_then(|node| node.get("spec"));
        let image =
            container.and_then(|node| node.get("containers")).and_then(|node| node.items()[0].entry("image"));
        let image = image.expect("the tree is as it was written");
        assert_eq!(image.value.span.slice(&text), "nginx:1.14.2");
        assert_eq!(
            found.documents[0].value.at(&["metadata", "name"]).and_then(Value::as_str),
            Some("myapp-deployment")
        );
    }

    #[test]
    fn what_comes_again_is_found_at_its_new_place_as_if_it_were_read_anew() {
        let one = |n: usize, rest: &str| {
            format!(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: web-{n}, namespace: team}}\ndata: {{key: \"{n}\"}}\n{rest}---\n"
            )
        };
        let class = "apiVersion: scheduling.k8s.io/v1\nkind: PriorityLevelConfiguration\n---\n";
        let texts = [
            format!("{}{}{class}{}", one(1, ""), one(2, ""), one(3, "")),
            format!("# typed\n{}{}{class}{}", one(1, ""), one(2, "lables: 1\n"), one(3, "")),
            format!("{}{class}{}{}", one(0, ""), one(2, ""), one(3, "")),
            format!("{}{}", NOTE, one(3, "")),
            format!("{{\"a\": 1}}\n---\n{}", one(3, "")),
            format!("x: [1\n---\n{}{}", one(3, ""), one(3, "")),
        ];
        let mut memory = Memory::default();
        for text in texts.iter().chain(texts.iter().rev()) {
            is_recalled_as_read_anew(&mut memory, text);
        }
        assert!(memory.find(one(3, "").trim_end_matches("---\n")).is_some(), "it is not all read each time");
    }

    #[track_caller]
    fn is_recalled_as_read_anew(memory: &mut Memory, text: &str) {
        memory.turn();
        let again = at_once(read_all_recalling(&[text], &[], memory, &mut async || {}));
        let (again, anew) = (again.first().expect("one"), read(text));
        assert_eq!(again.diagnostics, anew.diagnostics, "{text}");
        let parts = |read: &Read| -> Vec<_> {
            let part = |document: &ReadDocument| {
                (document.span, document.node.clone(), document.value.clone(), document.key.clone())
            };
            read.documents.iter().map(part).collect()
        };
        assert_eq!(parts(again), parts(&anew), "{text}");
    }

    #[test]
    fn what_comes_again_after_edits_of_chance_is_as_if_it_were_read_anew() {
        const PIECES: &[&str] = &[
            "\n",
            "---\n",
            "a",
            ":",
            " ",
            "  ",
            "- ",
            "&x ",
            "*x",
            "\"",
            "# y\n",
            "가",
            "kind: Pod\n",
            "{",
            "\t",
        ];
        let mut state = 7u32;
        let mut chance = |below: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as usize % below
        };
        let mut memory = Memory::default();
        let mut text = NOTE.to_owned();
        for round in 0..120 {
            // Now and then all is well again, so that something is worth remembering.
            if round % 8 == 0 {
                text = format!("# {round}\n{NOTE}");
            }
            let at = text.floor_char_boundary(chance(text.len()));
            if chance(3) == 0 {
                text.remove(at);
            } else {
                text.insert_str(at, PIECES[chance(PIECES.len())]);
            }
            is_recalled_as_read_anew(&mut memory, &text);
        }
    }

    /// How often reading a text pauses, and how many findings there are.
    fn pauses(text: &str) -> (usize, usize) {
        let mut count = 0;
        let found = at_once(read_all_in_steps(&[text], &[], &mut async || count += 1));
        (count, found[0].diagnostics.len())
    }

    #[test]
    fn a_long_text_is_read_in_steps_and_told_of_as_far_as_a_person_reads() {
        let text = |count: usize| {
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\nlables: 1\n---\n".repeat(count)
        };
        let ((few, found), (many, all)) = (pauses(&text(10)), pauses(&text(600)));
        assert_eq!(found, 19, "each has a field that nobody knows, and all but the first replace another");
        assert_eq!(many - few, 590 * 2, "a pause where each document is read and one where it is looked at");
        assert_eq!(all, MAX_DIAGNOSTICS + 1);
        let found = read(&text(600)).diagnostics;
        assert_eq!(found.iter().filter(|found| found.severity == Severity::Error).count(), 600);
        assert_eq!(found[0].code, "more-findings");
    }
}
