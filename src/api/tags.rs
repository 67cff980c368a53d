//! Which tags the images have that everybody knows, as a rule. Podium asks no registry: what is here is what these images are
//! tagged by, up to some versions beyond the newest that were known when it was written, so that a tag which could be there
//! counts as there. Of other images nothing is known, and every tag of theirs counts as there.

use super::programs::{official, repository};

/// Versions that an image has been tagged with: a range of majors, of the minors in each, and the last patch of these.
struct Versions(u32, u32, u32, u32, u32);

impl Versions {
    /// Whether `27`, `1.27` or `1.27.3` is among them.
    fn has(&self, numbers: &[u32]) -> bool {
        let &Self(from, to, first, last, patch) = self;
        let within =
            |place: usize, least, most| numbers.get(place).is_none_or(|n| (least..=most).contains(n));
        within(0, from, to) && within(1, first, last) && within(2, 0, patch)
    }
}

/// The versions of an image; none where nothing is known of it.
fn versions(image: &str) -> Option<&'static [Versions]> {
    Some(match image {
        "alpine" => &[Versions(2, 2, 6, 7, 0), Versions(3, 3, 1, 27, 20)],
        "busybox" => &[Versions(1, 1, 21, 39, 4)],
        "debian" => &[Versions(6, 14, 0, 14, 0)],
        "httpd" => &[Versions(2, 2, 2, 2, 40), Versions(2, 2, 4, 4, 99)],
        "mariadb" => &[
            Versions(5, 5, 5, 5, 70),
            Versions(10, 10, 0, 11, 70),
            Versions(11, 11, 0, 8, 40),
            Versions(12, 13, 0, 9, 20),
        ],
        "memcached" => &[Versions(1, 1, 4, 6, 70)],
        "mongo" => &[Versions(2, 2, 2, 6, 20), Versions(3, 3, 0, 7, 30), Versions(4, 9, 0, 4, 60)],
        "mysql" => &[Versions(5, 5, 5, 7, 70), Versions(8, 8, 0, 4, 60), Versions(9, 10, 0, 9, 30)],
        "nginx" => &[Versions(1, 1, 7, 39, 20)],
        "postgres" => &[Versions(8, 8, 4, 4, 30), Versions(9, 9, 0, 6, 30), Versions(10, 20, 0, 40, 0)],
        "redis" => &[Versions(2, 2, 6, 8, 30), Versions(3, 3, 0, 2, 20), Versions(4, 10, 0, 9, 30)],
        "tomcat" => &[Versions(6, 8, 0, 5, 120), Versions(9, 12, 0, 1, 160)],
        "ubuntu" => &[Versions(10, 28, 4, 4, 6), Versions(10, 28, 10, 10, 6)],
        _ => return None,
    })
}

/// What tags are made of beside versions: what is new or lasts, systems, their releases, and sorts of the same program. Digits
/// may follow each.
const WORDS: &[&str] = &[
    "latest",
    "stable",
    "mainline",
    "unstable",
    "testing",
    "experimental",
    "oldstable",
    "oldoldstable",
    "sid",
    "edge",
    "devel",
    "rolling",
    "lts",
    "ltsc",
    "innovation",
    "rc",
    "beta",
    "alpha",
    "M",
    "buggy",
    "int",
    "bpo",
    "backports",
    "slim",
    "perl",
    "otel",
    "fpm",
    "musl",
    "glibc",
    "uclibc",
    "alpine",
    "debian",
    "ubuntu",
    "oracle",
    "oraclelinux",
    "ubi",
    "bookworm",
    "bullseye",
    "buster",
    "stretch",
    "jessie",
    "wheezy",
    "squeeze",
    "trixie",
    "forky",
    "duke",
    "precise",
    "trusty",
    "utopic",
    "vivid",
    "wily",
    "yakkety",
    "zesty",
    "artful",
    "cosmic",
    "disco",
    "eoan",
    "groovy",
    "hirsute",
    "impish",
    "kinetic",
    "xenial",
    "bionic",
    "focal",
    "jammy",
    "noble",
    "lunar",
    "mantic",
    "oracular",
    "plucky",
    "questing",
    "resolute",
    "nanoserver",
    "windowsservercore",
    "jdk",
    "jre",
    "java",
    "openjdk",
    "temurin",
    "adoptopenjdk",
    "hotspot",
    "openj",
    "corretto",
    "al",
    "zulu",
    "liberica",
    "sapmachine",
    "semeru",
];

/// Whether an image is one of those whose tags are known and has a tag that none of them is.
pub(crate) fn is_missing(image: &str) -> bool {
    let Some(versions) = official(image).and_then(versions) else { return false };
    let rest = &image[repository(image).len()..];
    // A digest says by itself what it is.
    let Some(tag) = rest.strip_prefix(':').filter(|tag| !tag.contains('@')) else { return false };
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default();
    !(is_version(first, versions) || is_word(first)) || !parts.all(is_word)
}

/// Whether it is a version that is known, as `1.27`, or `18beta1`.
fn is_version(text: &str, versions: &[Versions]) -> bool {
    let end = text.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let (number, rest) = text.split_at(end);
    let Ok(numbers) = number.split('.').map(str::parse).collect::<Result<Vec<u32>, _>>() else {
        return false;
    };
    let is_known = numbers.len() <= 4 && versions.iter().any(|versions| versions.has(&numbers));
    is_known && (rest.is_empty() || is_word(rest))
}

/// Whether it is one of the words, with a number after it or without, or a day as `20260601`.
fn is_word(text: &str) -> bool {
    let word = text.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let is_day = text.len() == 8 && text.starts_with("20");
    WORDS.contains(&word) || (word.is_empty() && is_day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_that_could_be_there_is_there() {
        for image in [
            "nginx",
            "nginx:1",
            "nginx:1.14.2",
            "tomcat:11.0.0-M20",
            "tomcat:9-jdk11-openj9",
            "tomcat:10.1-jdk17-corretto-al2",
            "ubuntu:kinetic",
            "ubuntu:14.04.5",
            "debian:rc-buggy",
            "nginx:1.27.0",
            "nginx:1.15.3-alpine",
            "nginx:1.27-alpine3.20-slim",
            "nginx:stable-alpine",
            "nginx:mainline-bookworm-perl",
            "docker.io/library/nginx:latest",
            "nginx@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            "nginx:1.99@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            "redis:7.4",
            "redis:6.2.14-alpine3.19",
            "redis:8.0-rc1",
            "httpd:2.4.66",
            "busybox:1.36",
            "busybox:1.36.1-uclibc",
            "postgres:9.4",
            "postgres:15-alpine",
            "postgres:18beta1",
            "mysql:8.0.36-debian",
            "mongo:7.0-jammy",
            "tomcat:9.0.88-jdk17-temurin-jammy",
            "ubuntu:22.04",
            "debian:bookworm-20240612-slim",
            "mycorp/app:v3",
            "mycorp/nginx:nonsense",
            "example.com:5000/nginx:nonsense",
            "nonsense:nonsense",
        ] {
            assert!(!is_missing(image), "{image}");
        }
    }

    #[test]
    fn a_tag_that_cannot_be_there_is_missing() {
        for image in [
            "nginx:1.161",
            "nginx:1.99",
            "nginx:2",
            "nginx:9.9.9",
            "nginx:v1.27",
            "nginx:does-not-exist",
            "nginx:latset",
            "nginx:1.27-alpin",
            "nginx:1.27.99",
            "nginx:99999999999",
            "docker.io/library/nginx:1.161",
            "redis:99",
            "busybox:2.0",
            "postgres:150",
            "ubuntu:22.05",
        ] {
            assert!(is_missing(image), "{image}");
        }
    }
}
