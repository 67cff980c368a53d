//! Texts that nobody's program reads: what people write to each other, and a Dockerfile, which has lines of its own.

/// What a line of a Dockerfile begins with.
const INSTRUCTIONS: &[&str] = &[
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];
/// So many lines are looked at.
const LOOKED_AT: usize = 200;

/// The lines that say something.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).take(LOOKED_AT)
}

/// Whether a text is a Dockerfile.
pub(super) fn is_dockerfile(text: &str) -> bool {
    let word = |line: &str| line.split_whitespace().next().unwrap_or_default().to_owned();
    let mut words = lines(text).map(word);
    let begins = matches!(words.next().as_deref(), Some("FROM" | "ARG"));
    begins && words.any(|word| INSTRUCTIONS.contains(&&*word))
}

/// Whether a line may be one of YAML or JSON that says something of its own: a pair, an item, a bracket, a document's end.
fn is_structure(line: &str) -> bool {
    let line = line.trim_start_matches("- ").trim_start();
    if line == "-"
        || line.starts_with(['{', '}', '[', ']', '"', '&', '*', '!', '|', '>', '%'])
        || line.starts_with("---")
    {
        return true;
    }
    let Some((key, rest)) = line.split_once(':') else { return false };
    let is_of_key = |sign: char| sign.is_ascii_alphanumeric() || "-_./'\"".contains(sign);
    !key.is_empty() && key.chars().all(is_of_key) && (rest.is_empty() || rest.starts_with(' '))
}

/// Whether a line is one of a sentence: a few words one after the other, or two in Korean.
fn is_sentence(line: &str) -> bool {
    let is_word = |word: &&str| word.chars().any(char::is_alphabetic);
    let words = line.split_whitespace().filter(is_word).count();
    let is_korean = line.chars().any(|sign| ('가'..='힣').contains(&sign));
    words >= if is_korean { 2 } else { 4 }
}

/// Whether a text is prose: sentences, and hardly a line that could be one of a manifest.
pub(super) fn is_prose(text: &str) -> bool {
    let (mut all, mut structure, mut sentences) = (0, 0, 0);
    for line in lines(text) {
        if matches!(line.split(':').next(), Some("apiVersion" | "kind" | "metadata")) {
            return false;
        }
        all += 1;
        structure += usize::from(is_structure(line));
        sentences += usize::from(!is_structure(line) && is_sentence(line));
    }
    sentences > 0 && sentences * 2 >= all && structure * 5 <= all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_no_manifests() {
        for text in [
            "오늘은 Pod를 배웠습니다.\n  그리고 Service도 봤습니다.\n",
            "The cluster is down again and nobody knows why.\n\tPlease have a look at it.\n",
            "회의: 내일 아침 열 시에 만나요\n늦지 마세요 여러분\n",
            "안녕하세요 여러분",
        ] {
            assert!(is_prose(text) && !is_dockerfile(text), "{text}");
        }
        for text in [
            "",
            "apiVersion",
            "apiVersion: v1\nkind: Pod\nthis is a line of text that is wrong\n",
            "- one two three four five\n- a: b\n",
            "name: web\nimage: nginx\n",
            "# a comment of some words here\n",
            "{\"a\": 1}",
            "key: |\n  some text of a block that goes on\n",
            "&a [x, y, z, a b c d]\n",
            "app",
        ] {
            assert!(!is_prose(text), "{text}");
        }
    }

    #[test]
    fn a_dockerfile_has_instructions() {
        assert!(is_dockerfile("# syntax\nFROM nginx:1.27\nCOPY . /usr/share/nginx/html\n"));
        assert!(!is_dockerfile("FROM here on all is well\n") && !is_dockerfile("RUN x\nFROM y\n"));
    }
}
