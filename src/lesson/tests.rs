//! What a lesson's text promises: it is read whole, and each mistake has its line.

use super::*;
use crate::words::{Language, text};
use expect_test::{Expect, expect};

const FRONT: &str = "---\nid: a\ntitle: A\nminutes: 5\nview: life\n---\n";
const GOAL: &str = "## Do\n```command\nkubectl get pods\n```\n```goal\ntext: Done.\nlook: true\nwant:\n```\n";

#[track_caller]
fn check(lesson: &str, expected: Expect) {
    let told = match read(lesson) {
        Ok(lesson) => format!("{lesson:#?}\n"),
        Err(mistakes) => mistakes
            .iter()
            .map(|mistake| {
                format!("{}: {}\n", mistake.line, text(Language::En, mistake.message, &mistake.args))
            })
            .collect(),
    };
    expected.assert_eq(&told);
}

#[test]
fn a_lesson_is_read_whole() {
    let lesson = format!(
        "{FRONT}\n## One\nRead `this`\nand **that**.\n\n> It is so.\n> Really.\n\n- a\n- b\n  c\n\n```yaml file=web.yaml\nkind: Pod\n```\n```command\nkubectl run a \\\n  --image=b\nrequests web 20/s for 14s\npower off node-2\n```\n```hint\nTry\nit.\n```\n## Two\n```question\nask: Which?\ndo: kubectl delete pod a\ndo: wait 2s\nafter: 1m\nlook: requests lost\nchoice: 0 = none\nchoice: 1\nright: Yes,\n  it is.\nwrong: No.\n```\n```goal\ntext: All.\nlook: requests served\nat least: 280\nlook: lines changed\nat most: 3\n```\n```solution file=web.yaml\nkind: Pod # other\n```\n```solution\nkubectl apply -f web.yaml\nwait 5s\n```\n"
    );
    let lesson = read(&lesson).expect("it has no mistake");
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
fn a_mistake_in_the_front_matter_has_its_line() {
    check(
        GOAL,
        expect![[r#"
        1: A lesson begins with a front matter between two lines of ---.
    "#]],
    );
    check(
        &format!("---\nid: a\nminutes: many\nview: roof\nauthor: me\nnonsense\n---\n{GOAL}"),
        expect![[r#"
        3: many is no number that is possible here.
        4: There is no view roof.
        5: author means nothing here.
        6: A line is name: text. This one is not: nonsense
        7: title is missing.
    "#]],
    );
}

#[test]
fn a_mistake_in_a_block_has_its_line() {
    check(
        &format!("{FRONT}Too early.\n\n{GOAL}```\nkubectl\n```\n```comand\nls\n"),
        expect![[r#"
        7: It stands before the first step. A step begins with ##.
        18: A block cannot begin with “”.
        21: The block that begins here has no end.
        21: A block cannot begin with “comand”.
    "#]],
    );
    check(
        &format!("{FRONT}{GOAL}```command\nwait 3s\nrequests web fast for 3s\npower cut\n```\n"),
        expect![[r#"
            17: This cannot be done here: wait 3s
            18: This cannot be done here: requests web fast for 3s
            19: This cannot be done here: power cut
        "#]],
    );
    check(
        &format!(
            "{FRONT}{GOAL}```question\nask: Which?\nchoice: a\nchoice: a\nafter: soon\nbecause: b\n```\n"
        ),
        expect![[r#"
            16: look is missing.
            16: right is missing.
            16: wrong is missing.
            19: The choice a is there twice.
            20: soon is no length of time. Write 20s or 2m, at most 10m.
            21: because means nothing here.
        "#]],
    );
    check(
        &format!("{FRONT}## Do\n```goal\ntext: A\nwant: b\nlook: c\nlook: d\nat most: few\nlook: e\n```\n"),
        expect![[r#"
            8: Behind look comes what it has to give: want, at least or at most.
            10: look is missing.
            12: Behind look comes what it has to give: want, at least or at most.
            13: few is no number that is possible here.
        "#]],
    );
    check(
        &format!("{FRONT}## Do\nNothing.\n"),
        expect![[r"
        8: The lesson has no goal.
    "]],
    );
    check(
        &format!("{FRONT}## Do\n```goal\ntext: A\nlook: true\nwant: b\n```\n## More\n"),
        expect![[r#"
        7: The step has a goal, but no solution and no command.
    "#]],
    );
}
