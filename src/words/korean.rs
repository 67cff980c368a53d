//! How a word ends when Koreans read it aloud, and the particle that follows it. Latin words are read by the
//! rules for loan words: a closing `p`, `t`, `k` after a short vowel closes the syllable (`ConfigMap` 맵),
//! after anything else it opens a new one (`Deployment` 트); `l`, `m`, `n`, `ng` always close it.

/// How the last syllable of a word ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Final {
    /// With its vowel.
    None,
    /// With ㄹ, which takes 로, not 으로.
    Rieul,
    /// With any other consonant.
    Other,
    /// It is not known how the word is read.
    Unknown,
}

/// Pairs of particles: after a consonant, after a vowel.
pub(super) const PARTICLES: &[Particle] = &[
    Particle("은/는", "은", "는", "은(는)"),
    Particle("이/가", "이", "가", "이(가)"),
    Particle("을/를", "을", "를", "을(를)"),
    Particle("과/와", "과", "와", "와(과)"),
    Particle("으로/로", "으로", "로", "(으)로"),
    Particle("으로부터/로부터", "으로부터", "로부터", "(으)로부터"),
    Particle("이나/나", "이나", "나", "(이)나"),
    Particle("이라서/라서", "이라서", "라서", "(이)라서"),
    Particle("이라고/라고", "이라고", "라고", "(이)라고"),
    Particle("이라는/라는", "이라는", "라는", "(이)라는"),
    Particle("이면/면", "이면", "면", "(이)면"),
    Particle("이며/며", "이며", "며", "(이)며"),
    Particle("이고/고", "이고", "고", "(이)고"),
    Particle("이었/였", "이었", "였", "(이)었"),
    Particle("이에요/예요", "이에요", "예요", "이에요(예요)"),
];

/// A pair of particles as message files write it, its two forms, and what stands where neither is certain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Particle(&'static str, &'static str, &'static str, &'static str);

impl Particle {
    /// The particle that message files write as `pair`.
    pub(super) fn find(pair: &str) -> Option<Particle> {
        PARTICLES.iter().find(|particle| particle.0 == pair).copied()
    }

    /// The form that follows a word.
    pub(super) fn after(self, last: Final) -> &'static str {
        let Particle(_, consonant, vowel, either) = self;
        match last {
            Final::None => vowel,
            Final::Rieul if consonant.starts_with('으') => vowel,
            Final::Rieul | Final::Other => consonant,
            Final::Unknown => either,
        }
    }
}

/// How the last word of a text ends. What is not read aloud, such as closing quotes and brackets, is passed
/// over.
pub(super) fn reading(text: &str) -> Final {
    let read = text.trim_end_matches(|sign: char| !is_read(sign));
    let Some(last) = read.chars().next_back() else { return Final::Unknown };
    match last {
        '가'..='힣' => hangul(last),
        '0'..='9' => digit(last),
        'a'..='z' | 'A'..='Z' => latin(read),
        '%' | '+' | '&' | '=' | '@' | '$' | '*' => Final::None,
        '#' => Final::Other,
        _ => Final::Unknown,
    }
}

fn is_read(sign: char) -> bool {
    sign.is_alphanumeric() || matches!(sign, '%' | '+' | '&' | '=' | '@' | '$' | '*' | '#')
}

/// A Hangul syllable's last consonant is its number modulo 28: 0 is none, 8 is ㄹ.
fn hangul(syllable: char) -> Final {
    match (syllable as u32 - '가' as u32) % 28 {
        0 => Final::None,
        8 => Final::Rieul,
        _ => Final::Other,
    }
}

/// 영, 일, 이, 삼, 사, 오, 육, 칠, 팔, 구; a 0 at the end is also 십, 백, 천, 만: all close.
fn digit(digit: char) -> Final {
    match digit {
        '1' | '7' | '8' => Final::Rieul,
        '0' | '3' | '6' => Final::Other,
        _ => Final::None,
    }
}

/// 엘, 엠, 엔, 알 close; all other letters are read with a vowel at the end.
fn letter(letter: u8) -> Final {
    match letter.to_ascii_lowercase() {
        b'l' | b'r' => Final::Rieul,
        b'm' | b'n' => Final::Other,
        _ => Final::None,
    }
}

/// A text that ends in a Latin letter.
fn latin(text: &str) -> Final {
    let bytes = text.as_bytes();
    let start = |kept: fn(&u8) -> bool| bytes.iter().rposition(|byte| !kept(byte)).map_or(0, |at| at + 1);
    let letters = start(u8::is_ascii_alphabetic);
    let mixed = start(u8::is_ascii_alphanumeric) < letters;
    let word = last_part(bytes.get(letters..).unwrap_or_default());
    let last = word.last().map_or(Final::Unknown, |last| letter(*last));
    let lower = word.to_ascii_lowercase();
    if let Some(known) = known(&lower) {
        return known;
    }
    // Letters among digits (7xk2p), initials (API, TCP) and what has no vowel (ns, svc) are read one by one.
    let initials = word.len() <= 3 && word.iter().all(u8::is_ascii_uppercase);
    if (mixed && word.len() <= 2) || word.len() == 1 || initials || !lower.iter().any(|byte| is_vowel(*byte))
    {
        return last;
    }
    spelling(&lower)
}

/// The last part of a word in camel case: `Set` of `ReplicaSet`, `IP` of `podIP`, `Server` of `APIServer`.
fn last_part(word: &[u8]) -> &[u8] {
    let mut start = 0;
    for at in 1..word.len() {
        let upper = word[at].is_ascii_uppercase();
        let hump = upper && word[at - 1].is_ascii_lowercase();
        let after_initials = upper
            && word[at - 1].is_ascii_uppercase()
            && word.get(at + 1).is_some_and(u8::is_ascii_lowercase);
        if hump || after_initials {
            start = at;
        }
    }
    &word[start..]
}

fn is_vowel(letter: u8) -> bool {
    matches!(letter, b'a' | b'e' | b'i' | b'o' | b'u' | b'y')
}

/// A word that is read as a word, in lower case, by its last letters.
fn spelling(word: &[u8]) -> Final {
    match word {
        [.., b'n', b'g'] | [.., b'm' | b'n'] => Final::Other,
        [.., b'l'] => Final::Rieul,
        // A silent e: name 네임, pipeline 라인, file 파일; pause 포즈, node 노드.
        [.., before, b'e'] if word.len() > 2 => match before {
            b'm' | b'n' => Final::Other,
            b'l' => Final::Rieul,
            _ => Final::None,
        },
        [.., b'c', b'k'] | [.., b'p', b'p'] => Final::Other,
        [.., first, second, last @ (b'p' | b't' | b'k' | b'c')] if is_vowel(*second) => {
            // Two vowels are a long one and leave the syllable open (root 루트, wait 웨이트, break 브레이크), but
            // some became short (out 아웃, group 그룹, sleep 슬립, book 북). The u of qu is none.
            let long = match (first, second, last) {
                (b'o', b'u', b't' | b'p') => false,
                (b'e', b'e' | b'a', b'p') => false,
                (b'o', b'o', b'k') => false,
                (b'u', _, _) => false,
                (first, _, _) => is_vowel(*first),
            };
            if long { Final::None } else { Final::Other }
        }
        [vowel, b'p' | b't' | b'k' | b'c'] if is_vowel(*vowel) => Final::Other,
        _ => Final::None,
    }
}

/// Words that spelling gets wrong, in lower case: whole words, then endings of words.
fn known(word: &[u8]) -> Option<Final> {
    let word = std::str::from_utf8(word).ok()?;
    if let Some((_, known)) = WORDS.iter().find(|(other, _)| *other == word) {
        return Some(*known);
    }
    ENDINGS.iter().find(|(ending, _)| word.ends_with(ending)).map(|(_, known)| *known)
}

/// Read otherwise than they are spelt, as whole words.
const WORDS: &[(&str, Final)] = &[
    // 비트, 엑시트, 에디트, 아이피, 오케이, 미
    ("bit", Final::None),
    ("exit", Final::None),
    ("edit", Final::None),
    ("ip", Final::None),
    ("ok", Final::None),
    ("me", Final::None),
    // 겟, 풋, 램, also in capitals, which are initials else
    ("get", Final::Other),
    ("put", Final::Other),
    ("ram", Final::Other),
    // 탭, 랩, 백, 빅
    ("tab", Final::Other),
    ("lab", Final::Other),
    ("bag", Final::Other),
    ("big", Final::Other),
];

/// Read otherwise than they are spelt, also at the end of a compound (`myweb`, `cronjob`, `healthcheck`).
const ENDINGS: &[(&str, Final)] = &[
    // 웹, 잡, 깃랩, 크론탭, 스텁, 클럽
    ("web", Final::Other),
    ("job", Final::Other),
    ("gitlab", Final::Other),
    ("crontab", Final::Other),
    ("stub", Final::Other),
    ("club", Final::Other),
    // 템플릿, 프라이빗, 타입
    ("template", Final::Other),
    ("private", Final::Other),
    ("type", Final::Other),
    // 하둡
    ("hadoop", Final::Other),
    // 체크
    ("check", Final::None),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Words with the particle that follows them, 이/가 or 으로/로.
    const READ: &str = "
        Pod가 Pods가 Deployment가 ReplicaSet이 StatefulSet이 DaemonSet이 Service가 EndpointSlice가 Endpoints가
        ConfigMap이 Secret이 Namespace가 Node가 Job이 CronJob이 Ingress가 Role이 Role로 RoleBinding이
        PersistentVolume이 PersistentVolumeClaim이 StorageClass가 ServiceAccount가 NetworkPolicy가 LimitRange가
        ResourceQuota가 PodDisruptionBudget이 HorizontalPodAutoscaler가 Lease가 Event가 LoadBalancer가
        ClusterIP가 NodePort가 ExternalName이 podIP가 hostPID가 hostIPC가 hostNetwork가
        kubelet이 kubectl이 kubectl로 kube-proxy가 kube-scheduler가 etcd가 containerd가 runc가 iptables가 IPVS가
        containerPort가 matchLabels가 selector가 label이 label로 annotation이 spec이 status가 metadata가 kind가
        apiVersion이 template이 taint가 toleration이 condition이 phase가 finalizer가 replicas가 restartPolicy가
        terminationGracePeriodSeconds가 deletionTimestamp가 readinessProbe가 lifecycle이 preStop이 postStart가
        command가 image가 imagePullPolicy가 name이 value가 key가 type이 protocol이 volume이 volumeMounts가
        emptyDir가 hostPath가 configMapRef가 strategy가 rollingUpdate가 Recreate가 maxSurge가 maxUnavailable이
        revisionHistoryLimit이 rollout이 rollback이 undo가 apply가 delete가 scale이 set이 exec이 logs가 get이 GET이
        POST가 PUT이 PATCH가 DELETE가 YAML이 JSON이 API가 TCP가 UDP가 HTTP가 IP가 UID가 CPU가 URL이 URL로 DNS가
        CNI가 CRI가 OOM이 RBAC이 TTL로 UTS가 IPC가 PID가 net이 ipc가 uts가 pid가 mnt가 user가 cgroup이 init이
        Running이 Pending이 Succeeded가 Failed가 Unknown이 Terminating이 Completed가 CrashLoopBackOff가
        ImagePullBackOff가 ErrImagePull이 ErrImagePull로 ContainerCreating이 OOMKilled가 Ready가 NotReady가
        PodScheduled가 Initialized가 ContainersReady가 Evicted가 Error가 Unschedulable로
        SIGTERM이 SIGTERM으로 SIGKILL이 SIGKILL로 SIGQUIT이 SIGINT가 SIGHUP이 SIGSTOP이 SIGCONT가 SIGUSR1이 SIGUSR1로
        localhost로 default가 kube-system이 host로 port가 root가 boot가 wait가 timeout이 input이 object가 test가
        client가 server가 socket이 packet이 network가 task가 link가 lock이 stack이 webhook이 book이 break가 check가
        healthcheck가 map이 app이 myapp이 step이 stop이 backup이 group이 sleep이 loop가 dump가 help가 traffic이
        public이 sync가 async가 log가 tag가 config가 debug가 hub가 db가 path가 hash가 bash가 sh가 page가 cache가
        queue가 module이 rule로 table로 example로 console로 kernel로 shell로 Linux가 namespace가 design이 range가
        nginx가 busybox가 redis가 mysql이 mysql로 postgres가 mongo가 mongodb가 mariadb가 memcached가 httpd가 tomcat이
        alpine이 ubuntu가 debian이 node가 python이 golang이 rabbitmq가 kafka가 traefik이 envoy가 haproxy가 grafana가
        fluent-bit가 fluentd가 consul로 vault가 wordpress가 jenkins가 sqlite가 php가 perl로 curl로 wget이 pause가
        hello-world가 podinfo가 frontend가 backend가 checkout이 cart가 worker가 guestbook이 payment가 prod가 staging이
        web이 myweb이 myweb1이 web-2가 myapp-ns가 myapp-svc가 myapp-deployment가 nginx-container가 web-a가
        …-7xk2p가 …-q9ldm이 …-q9ldm으로 …-b4w7z가 …-tn5vc가 …-2hq8r이 …-2hq8r로 66b6c48dd5가 559d658b74가 k8s가
        nginx:1.14.2가 nginx:1.16.1이 nginx:latest가 busybox:1.36이 podium/web:2.0이 myapp.yaml이 myapp.yaml로
        apps/v1이 apps/v1로 10.96.31.7이 10.0.0.4가 eth0이 0이 1이 2가 3이 4가 5가 6이 7이 8이 9가 10이 10으로 100이
        1000이 80으로 8080으로 443으로 25%가 25%로 50m이 64Mi가 app=myapp이 app=web이 C#이 a+가
        서버가 컨트롤러가 컨테이너가 노드가 요청이 규칙이 라벨로 초가 분이 1.2초로 파일로 “web”이 (web)이 `Pod`가
        [Role]로 Pod…가 web.이 spec.template이 metadata.labels가 env[0].name이 /ready가 /var/log가 /이(가) ∞이(가) 章이(가)
    ";

    #[test]
    fn particles_follow_how_a_word_is_read() {
        let find = |pair| Particle::find(pair).map_or("", |particle: Particle| particle.1);
        assert_eq!(find("이/가"), "이", "the pair is known");
        let mut wrong = Vec::new();
        for expected in READ.split_whitespace() {
            let pairs = [
                ("이(가)", "이/가"),
                ("으로", "으로/로"),
                ("로", "으로/로"),
                ("이", "이/가"),
                ("가", "이/가"),
            ];
            let Some((form, pair)) = pairs.iter().find(|(form, _)| expected.ends_with(form)) else {
                wrong.push(format!("{expected} has no particle"));
                continue;
            };
            let word = expected.strip_suffix(form).unwrap_or(expected);
            let chosen = Particle::find(pair).map_or("", |particle| particle.after(reading(word)));
            if chosen != *form {
                wrong.push(format!("{word}{chosen}, not {expected}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn every_pair_has_its_forms() {
        for particle in PARTICLES {
            let Particle(pair, consonant, vowel, either) = *particle;
            assert_eq!(pair, format!("{consonant}/{vowel}"));
            assert!(either.contains('('), "{pair} shows both forms where the reading is unknown");
            assert_eq!(particle.after(reading("Pod")), vowel, "{pair}");
            assert_eq!(particle.after(reading("ReplicaSet")), consonant, "{pair}");
            assert_eq!(particle.after(reading("")), either, "{pair}");
        }
        let by = |pair, word| Particle::find(pair).map(|particle| particle.after(reading(word)));
        assert_eq!(by("으로부터/로부터", "label"), Some("로부터"), "ㄹ takes 로");
        assert_eq!(by("이라는/라는", "label"), Some("이라는"), "ㄹ takes 이라는");
    }

    #[test]
    fn whatever_is_written_is_read() {
        let signs = ['a', 'Z', 'k', 'e', '1', '가', '-', '.', '”', 'é', '\u{1F600}', '\u{301}'];
        let count = signs.len();
        for number in 0..count.pow(4) {
            let text: String =
                (0..4).filter_map(|place| signs.get(number / count.pow(place) % count)).collect();
            let last = text.chars().rfind(|sign| is_read(*sign));
            let known = last.is_some_and(|sign| sign.is_ascii() || sign == '가');
            assert_eq!(reading(&text) != Final::Unknown, known, "{text}");
        }
    }

    #[test]
    fn humps_part_words() {
        let cases =
            [("ReplicaSet", "Set"), ("podIP", "IP"), ("APIServer", "Server"), ("HTTP", "HTTP"), ("a", "a")];
        for (word, part) in cases {
            assert_eq!(last_part(word.as_bytes()), part.as_bytes(), "{word}");
        }
    }
}
