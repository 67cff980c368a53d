//! How wide the library takes texts to be, for a browser to be held against.

use podium::scene::measure::width;
use podium::scene::typeface::Type;

/// Texts of every sort that a stage shows.
const SAMPLES: &[&str] = &[
    " !\"#$%&'()*+,-./0123456789:;<=>?",
    "@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`",
    "abcdefghijklmnopqrstuvwxyz{|}~",
    "myapp-deployment-66b6c48dd5-7xk2p",
    "RollingUpdate · maxSurge 25% · maxUnavailable 25%",
    "replicas 2 → 3 · nginx:1.16.1",
    "컨테이너마다 따로",
    "Deployment가 이전 ReplicaSet을 줄였습니다",
    "selector app=myapp → 엔드포인트 3",
    "watch: MODIFIED",
    "…-7xk2p",
];

/// A line for each way of setting and each sample: class, width in pixels, text, parted by tabs.
pub(crate) fn table() -> String {
    let mut out = String::new();
    for ty in Type::ALL {
        for sample in SAMPLES {
            out.push_str(&format!("{}\t{:.2}\t{sample}\n", ty.class(), width(sample, ty.font())));
        }
    }
    out
}
