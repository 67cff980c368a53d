//! What a lesson's text promises: it is read whole, and each mistake has its line.

use super::*;
use crate::manifest::Span;
use crate::words::Language;
use expect_test::expect_file;

const FRONT: &str = "---\nid: a\ntitle: A\nminutes: 5\nview: life\n---\n";
const GOAL: &str = "## Do\n```command\nkubectl get pods\n```\n```goal\ntext: Done.\nlook: true\nwant:\n```\n";

#[test]
fn a_lesson_is_read_whole() {
    let lesson = format!(
        "{FRONT}\n## One\nRead `this`\nand **that**.\n\n> It is so.\n> Really.\n\n- a\n- b\n  c\n\n```yaml file=web.yaml\nkind: Pod\n```\n```command\nkubectl run a \\\n  --image=b\nrequests web 20/s for 14s\npower off node-2\n```\n```hint\nTry\nit.\n```\n## Two\n```question\nask: Which?\ndo: kubectl delete pod a\ndo: wait 2s\nafter: 1m\nlook: requests lost\nchoice: 0 = none\nchoice: 1\nright: Yes,\n  it is.\nwrong: No.\n```\n```goal\ntext: All.\nlook: requests served\nat least: 280\nlook: lines changed\nat most: 3\n```\n```solution file=web.yaml\nkind: Pod # other\n```\n```solution\nkubectl apply -f web.yaml\nwait 5s\n```\n"
    );
    let lesson = read(&lesson).whole().expect("it has no mistake");
    assert_eq!((lesson.steps.len(), lesson.goal_count(), lesson.view), (2, 1, "life"));
    let [one, two] = &lesson.steps[..] else { panic!("two steps") };
    let code = |text: &str| Inline::Code(text.into());
    let plain = |text: &str| vec![Inline::Text(text.into())];
    assert_eq!(
        one.blocks,
        [
            Block::Text(vec![
                Inline::Text("Read ".into()),
                code("this"),
                Inline::Text(" and ".into()),
                Inline::Strong("that".into()),
                Inline::Text(".".into()),
            ]),
            Block::Aside(plain("It is so. Really.")),
            Block::List(vec![plain("a"), plain("b c")]),
            Block::File("web.yaml".into(), "kind: Pod\n".into()),
            Block::Deed(Deed::Command("kubectl run a --image=b".into())),
            Block::Deed(Deed::Requests { service: "web".into(), per_second: 20, lasts: 14 * SECOND }),
            Block::Deed(Deed::Power { node: "node-2".into(), is_on: false }),
        ]
    );
    assert_eq!(one.hints, [plain("Try it.")]);
    assert_eq!(one.way().len(), 3);
    let (_, question) = two.questions().next().expect("a question");
    assert_eq!(question.deeds, [Deed::Command("kubectl delete pod a".into()), Deed::Wait(2 * SECOND)]);
    assert_eq!((question.after, &question.look), (60 * SECOND, &Look::Lost));
    assert_eq!((question.right_choice(" 0\n"), question.right_choice("2")), (Some(0), None));
    assert_eq!(question.right, plain("Yes, it is."));
    let (_, goal) = two.goals().next().expect("a goal");
    assert_eq!(goal.checks, [(Look::Served, Wanted::AtLeast(280)), (Look::LinesChanged, Wanted::AtMost(3))]);
    assert_eq!(
        two.solution,
        [
            Deed::File("web.yaml".into(), "kind: Pod # other\n".into()),
            Deed::Command("kubectl apply -f web.yaml".into()),
            Deed::Wait(5 * SECOND),
        ]
    );
    assert_eq!(lesson.files(), [(&"web.yaml".into(), &"kind: Pod\n".into())]);
}

#[test]
fn each_mistake_has_its_place_and_says_what_to_do() {
    let front = |line: &str| format!("---\nid: a\ntitle: A\nminutes: 5\nview: life\n{line}---\n{GOAL}");
    let body = |text: &str| format!("{FRONT}{GOAL}{text}");
    let command = |line: &str| body(&format!("```command\n{line}\n```\n"));
    let goal = |lines: &str| body(&format!("```goal\n{lines}```\n"));
    let question = |lines: &str| body(&format!("```question\n{lines}```\n"));
    let texts = [
        String::new(),
        " \n\n".to_owned(),
        "# A book\n\nIt tells of Pods.\n".to_owned(),
        "apiVersion: v1\nkind: Pod\n".to_owned(),
        "a".repeat(MOST_BYTES * 2),
        GOAL.to_owned(),
        format!("---\nid: a\n{GOAL}"),
        "---\nid: a\ntitle: A\nminutes: 5\nview: life\n---\nOnly words.\n".to_owned(),
        format!("---\n---\n{GOAL}"),
        front("author: me\n"),
        front("nonsense\n"),
        front("id: b\n"),
        front("").replace("title: A", "title:"),
        front("").replace("id: a", "id: a b"),
        front("").replace("minutes: 5", "minutes: many"),
        front("").replace("view: life", "view: roof"),
        format!("{FRONT}Too early.\n\nThis too.\n{GOAL}"),
        format!("{FRONT}## Do\nNothing.\n"),
        format!("{FRONT}## Do\n```goal\ntext: A\nlook: true\nwant: b\n```\n## More\n"),
        body("# More\n"),
        body("##More\n"),
        body("```command\nls\n"),
        body("```command\nls\n```goal\ntext: A\n```\n## More\nText.\n"),
        body("```\nkubectl\n```\n"),
        body("```comand\nls\n```\n"),
        body("```yaml\nkind: Pod\n```\n"),
        body("```solution file=\nkind: Pod\n```\n"),
        body("```yaml file=web.yaml\nkind: Pod\nmetadata:\n\tname: web\n```\n"),
        body("```solution file=web.yaml\nkind: [Pod\n```\n"),
        command("kubectl got pods"),
        command("kubectl -n shop rollout forward web"),
        command("kubectl proxy"),
        command("kubectl get pods | lolcat"),
        command("echo 'a"),
        command("wait 3s"),
        command("requests web fast for 3s"),
        command("power cut"),
        goal("text: A\n"),
        goal("look: true\nwant:\n"),
        goal("text: A\nlook: true\n"),
        goal("text: A\nwant: b\n"),
        goal("text: A\nlook:\nwant: b\n"),
        goal("text: A\nlook: kubect get pods\nwant: b\n"),
        goal("text: A\nlook: true\nlook: false\nat most: few\n"),
        goal("text: A\nlook: true\nwant: b\nbecause: c\n"),
        question("ask: Which?\nlook: true\nright: Yes.\nwrong: No.\n"),
        question("ask: Which?\nlook: true\nchoice: a\nright: Yes.\nwrong: No.\n"),
        question("choice: a\nchoice: b\n"),
        question("ask: Which?\nlook: true\nchoice: a\nchoice: a = A\nright: Yes.\nwrong: No.\n"),
        question(
            "ask: Which?\nafter: soon\nlook: true\nchoice: a\nchoice: b\nright: Yes.\nwrong: No.\nmaybe\n",
        ),
    ];
    let told = texts.iter().fold(String::new(), |mut told, text| {
        let shown: String =
            text.strip_prefix(&format!("{FRONT}{GOAL}")).unwrap_or(text).chars().take(60).collect();
        told.push_str(&format!("{shown:?}\n"));
        let mistakes = read(text).mistakes;
        assert!(!mistakes.is_empty(), "{text}");
        for Mistake { line, column, message, args, span } in mistakes {
            assert!(text.get(span.range()).is_some(), "{span:?} of {text}");
            told.push_str(&format!(
                "  {line}:{column} {}\n",
                crate::words::text(Language::En, message, &args)
            ));
            // Both languages are told of the same.
            let korean = crate::words::text(Language::Ko, message, &args);
            assert!(!korean.contains(['{', '[']) || text.contains('['), "{korean}");
        }
        told
    });
    expect_file!["mistakes.txt"].assert_eq(&told);
}

#[test]
fn a_file_may_be_broken_where_a_solution_mends_it() {
    let broken = "```yaml file=web.yaml\nkind: [Pod\n```\n";
    let mended = format!("{FRONT}{GOAL}{broken}```solution file=web.yaml\nkind: Pod\n```\n");
    assert_eq!(read(&mended).mistakes, []);
    assert_eq!(read(&format!("{FRONT}{GOAL}{broken}")).mistakes.len(), 1);
    let other = format!("{FRONT}{GOAL}{broken}```solution file=other.yaml\nkind: Pod\n```\n");
    assert_eq!(read(&other).mistakes.len(), 1);
}

#[test]
fn what_was_understood_is_there_beside_the_mistakes() {
    let read = read(&format!("{FRONT}{GOAL}```comand\nls\n```\n## More\nText.\n"));
    assert_eq!((read.mistakes.len(), read.lesson.steps.len(), read.lesson.goal_count()), (1, 2, 1));
    assert_eq!(read.whole().map_err(|mistakes| mistakes.len()), Err(1));
}

#[test]
fn what_is_played_has_its_place() {
    let text = format!("{FRONT}{GOAL}```solution\nls\n```\n");
    let read = read(&text);
    let at = |spans: &[Span]| spans.iter().map(|span| span.slice(&text).to_owned()).collect::<Vec<_>>();
    assert_eq!(at(&read.places.steps), ["## Do"]);
    assert_eq!(at(&read.places.goals), ["```goal"]);
    assert_eq!(at(&read.places.deeds[0]), ["kubectl get pods", "ls"]);
}

#[test]
fn a_lesson_is_told_from_other_files() {
    for (text, expected) in [
        (format!("{FRONT}{GOAL}"), true),
        ("\u{feff}---\r\ntitle: A\r\n".to_owned(), true),
        ("---\nauthor: me\n---\n## Do\n".to_owned(), false),
        ("---\napiVersion: v1\nid: a\n".to_owned(), false),
        ("# Pods\ntitle: A\n".to_owned(), false),
        (String::new(), false),
    ] {
        assert_eq!(is_lesson(&text), expected, "{text:?}");
    }
}

#[test]
fn lines_may_end_as_elsewhere() {
    let text = format!("{FRONT}{GOAL}");
    let (here, there) = (read(&text), read(&text.replace('\n', "\r\n")));
    assert_eq!((here.lesson, here.mistakes), (there.lesson, there.mistakes));
}
