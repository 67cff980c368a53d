//! Fuzzing without a nightly compiler: texts of a corpus, changed by chance, are given to a target of `fuzz/targets.rs`.
//!
//! The same seed makes the same inputs. What a target breaks on is written beside the corpus, and so is what takes long.

#[path = "../../../fuzz/targets.rs"]
mod targets;

use crate::Failure;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Where the corpus is, seen from the project's folder.
const CORPUS: &str = "fuzz/corpus";
/// What takes longer is a finding; what else the machine does meanwhile does not count.
const SLOW: Duration = Duration::from_secs(10);
/// An input grows no longer than this.
const LONGEST: usize = 64 * 1024;
/// What means something to YAML, to Kubernetes, or to whoever counts characters.
const WORDS: &[&str] = &[
    "\n",
    "\r\n",
    "\t",
    " ",
    "  ",
    "---\n",
    "...\n",
    "- ",
    ": ",
    ":",
    "{",
    "}",
    "[",
    "]",
    ",",
    "\"",
    "'",
    "#",
    "|\n",
    ">-\n",
    "&a ",
    "*a",
    "<<: ",
    "? ",
    "!!binary ",
    "!!str ",
    "~",
    "yes",
    "0o17",
    "1e3",
    "-1",
    "99999999999",
    ".inf",
    "null",
    "\u{feff}",
    "\u{a0}",
    "\u{2028}",
    "가",
    "🙂",
    "\\u0000",
    "\0",
    "{{ .Values.a }}",
    "apiVersion: v1\n",
    "kind: List\n",
    "kind: Pod\n",
    "items:\n",
    "metadata: {name: a}\n",
    "replicas: 5\n",
    "restartPolicy: Never\n",
    "command: [sh, -c, 'exit 1']\n",
    "nodeName: node-1\n",
    "generateName: a-\n",
    "finalizers: [a/b]\n",
    "terminationGracePeriodSeconds: 0\n",
];

/// Runs a target until its time is over or it breaks.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    let (mut seed, mut minutes, mut words) = (1u64, 1u64, Vec::new());
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        let mut number = || {
            let value = rest.next().and_then(|value| value.parse().ok());
            value.ok_or_else(|| Failure::Usage(format!("{word} takes a number")))
        };
        match word.as_str() {
            "--seed" => seed = number()?,
            "--minutes" => minutes = number()?,
            _ => words.push(word.clone()),
        }
    }
    let (name, corpus) = match words.as_slice() {
        [name] => (name, PathBuf::from(CORPUS)),
        [name, corpus] => (name, PathBuf::from(corpus)),
        _ => return Err(Failure::Usage("it takes a target".into())),
    };
    let Some((_, target)) = targets::ALL.iter().find(|(known, _)| known == name) else {
        return Err(Failure::Usage(format!("there is no target {name:?}")));
    };
    let seeds = texts(&corpus).map_err(|why| Failure::Failed(format!("{}: {why}", corpus.display())))?;
    if seeds.is_empty() {
        return Err(Failure::Failed(format!("{} holds no file", corpus.display())));
    }
    let (begun, clock) = (Instant::now(), Clock::begin());
    let mut chance = Chance(seed);
    let mut count = 0u64;
    while count < seeds.len() as u64 || begun.elapsed() < Duration::from_secs(60 * minutes) {
        // First what the corpus has, as it is.
        let whole = usize::try_from(count).ok().and_then(|count| seeds.get(count)).cloned();
        let input = whole.unwrap_or_else(|| chance.input(&seeds));
        let before = clock.elapsed();
        let broke = catch_unwind(AssertUnwindSafe(|| target(&input))).is_err();
        let took = clock.elapsed().saturating_sub(before);
        count += 1;
        if broke || took > SLOW {
            let path = corpus.with_file_name(format!("found-{name}-{seed}-{count}"));
            fs::write(&path, &input).map_err(|why| Failure::Failed(format!("{}: {why}", path.display())))?;
            let how = if broke { "breaks".to_owned() } else { format!("takes {} s", took.as_secs()) };
            return Err(Failure::Failed(format!("{name} {how} with {}", path.display())));
        }
    }
    let (busy, whole) = (clock.elapsed().as_secs(), begun.elapsed().as_secs());
    println!("{name}: {count} inputs in {whole} s, for {busy} of which it ran; nothing found");
    Ok(())
}

/// How long this thread has run: a machine that does something else meanwhile makes no input slow.
struct Clock(Instant);

impl Clock {
    fn begin() -> Clock {
        Clock(Instant::now())
    }

    /// The time on a processor where the system tells it (Linux), else the time that has passed.
    fn elapsed(&self) -> Duration {
        let told = fs::read_to_string("/proc/thread-self/schedstat").ok();
        let ran = told.and_then(|told| told.split(' ').next()?.parse().ok());
        ran.map_or_else(|| self.0.elapsed(), Duration::from_nanos)
    }
}

/// The files of a corpus, in the order of their names.
fn texts(corpus: &Path) -> std::io::Result<Vec<Vec<u8>>> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(corpus)? {
        paths.push(entry?.path());
    }
    paths.sort();
    paths.into_iter().filter(|path| path.is_file()).map(fs::read).collect()
}

/// Numbers that a seed decides (splitmix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Less than `end`, which is 0 where that is.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end.max(1) as u64)).unwrap_or(0)
    }

    /// One of the corpus with some changes.
    fn input(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut input = seeds[self.below(seeds.len())].clone();
        for _ in 0..=self.below(6) {
            self.change(&mut input, seeds);
        }
        input.truncate(LONGEST);
        input
    }

    fn change(&mut self, input: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let at = self.below(input.len() + 1);
        let to = (at + 1 + self.below(40)).min(input.len()).max(at);
        let word = WORDS[self.below(WORDS.len())].as_bytes();
        match self.below(8) {
            0 => drop(input.splice(at..at, word.iter().copied())),
            1 => drop(input.splice(at..to, word.iter().copied())),
            2 => drop(input.drain(at..to)),
            3 => {
                let piece = input[at..to].to_vec();
                let place = self.below(input.len() + 1);
                input.splice(place..place, piece);
            }
            4 if at < input.len() => input[at] = self.next().to_le_bytes()[0],
            5 => {
                // A line is moved in or out.
                let line = input[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |line| line + 1);
                match input.get(line) {
                    Some(b' ') if self.below(2) == 0 => drop(input.remove(line)),
                    _ => input.insert(line, b' '),
                }
            }
            6 => {
                // The value of a line becomes another.
                let end =
                    input[at..].iter().position(|byte| *byte == b'\n').map_or(input.len(), |end| at + end);
                let colon =
                    input[..end].iter().rposition(|byte| *byte == b':').map_or(end, |colon| colon + 1);
                input.splice(colon..end, [b" ", word].concat());
            }
            _ => {
                let other = &seeds[self.below(seeds.len())];
                let from = self.below(other.len() + 1);
                let until = (from + self.below(400)).min(other.len());
                input.splice(at..at, other[from..until].iter().copied());
            }
        }
    }
}
