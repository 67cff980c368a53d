//! How long things take: shapes (a median with a tail) as they were seen in a real cluster of two nodes.

use super::time::Micros;

/// Something that takes time. Its number is what draws are told apart by: a new hop gets a new number and changes
/// no other's draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Hop {
    /// A request from a client to the API server, or its answer back.
    Network = 1,
    /// The API server reads from its cache.
    Read = 2,
    /// The API server admits a change, and etcd writes it to disk.
    Commit = 3,
    /// The API server tells a watcher of a change.
    Watch = 4,
    /// A worker takes a key from its queue and runs.
    Sync = 5,
    /// The scheduler takes a Pod from its queue, filters and scores.
    Schedule = 6,
    /// kube-proxy writes its rules.
    ProxySync = 7,
    /// kubectl starts, reads its configuration and knows the API.
    KubectlStart = 8,
    /// A kubelet takes up a new Pod: it writes down what it gives it, and its worker begins.
    PodWorker = 9,
    /// A kubelet's volume manager has set up a Pod's volumes: it looks every 300 ms.
    MountVolumes = 10,
    /// A kubelet looks at its runtime once.
    Relist = 11,
    /// A kubelet's status manager reads the Pod before it writes its status.
    StatusRead = 12,
    /// A runtime makes a sandbox: Linux namespaces, an address, `pause`.
    RunPodSandbox = 13,
    /// A runtime takes a sandbox down.
    StopPodSandbox = 14,
    /// An image comes from the registry.
    PullImage = 15,
    /// A runtime makes a container: snapshot, specification.
    CreateContainer = 16,
    /// A runtime starts a container's first process.
    StartContainer = 17,
    /// A runtime sends a signal to a process.
    SendSignal = 18,
    /// A runtime hears that a process has ended.
    ProcessExit = 19,
    /// A runtime forgets a container.
    RemoveContainer = 20,
    /// A runtime starts a further process in a container.
    Exec = 21,
    /// Someone connects to a port.
    Connect = 22,
    /// A program that was started does its first step.
    ProcessStart = 23,
    /// A recorder takes up an Event that was said, and sends it.
    Recorder = 24,
    /// The EndpointSlice controller finds the Services of a Pod that has changed, and takes one up.
    EndpointSliceSync = 25,
    /// The API server admits a new Pod: defaults, quotas, its ServiceAccount.
    AdmitPod = 26,
    /// A kubelet's worker begins with something new about a Pod that it knows.
    Wake = 27,
    /// A server that was started listens.
    Listen = 28,
    /// A kubelet's probe begins, connects to a port of a Pod and hears.
    Probe = 29,
    /// A kubelet takes a Pod's volumes down.
    Unmount = 30,
}

impl std::hash::Hash for Hop {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        state.write_u8(*self as u8);
    }
}

/// Micros at 0, 10, 25, 50, 75, 90, 97 and 100 % of the draws.
type Shape = [u32; 8];

impl Hop {
    const fn shape(self) -> Shape {
        match self {
            Self::Network => [100, 150, 200, 300, 500, 900, 2_000, 5_000],
            Self::Read => [300, 500, 700, 1_000, 1_600, 3_000, 8_000, 20_000],
            Self::Commit => [1_500, 2_000, 2_500, 3_300, 4_800, 8_000, 16_000, 40_000],
            Self::Watch => [200, 400, 700, 1_100, 2_000, 4_000, 10_000, 30_000],
            Self::Sync => [50, 100, 250, 500, 1_000, 2_500, 6_000, 20_000],
            Self::Schedule => [400, 700, 1_200, 3_000, 10_000, 25_000, 60_000, 120_000],
            Self::ProxySync => [18_000, 22_000, 26_000, 32_000, 40_000, 60_000, 90_000, 150_000],
            Self::KubectlStart => [35_000, 42_000, 50_000, 60_000, 75_000, 110_000, 180_000, 300_000],
            Self::PodWorker => [1_000, 4_000, 8_000, 15_000, 25_000, 50_000, 110_000, 220_000],
            Self::Wake => [100, 300, 700, 1_500, 4_000, 12_000, 30_000, 60_000],
            Self::Listen => [1_000, 3_000, 7_000, 12_000, 24_000, 45_000, 70_000, 110_000],
            Self::MountVolumes => [300_200, 300_600, 301_000, 302_000, 304_000, 308_000, 330_000, 605_000],
            Self::Relist => [2_000, 3_000, 4_000, 6_000, 10_000, 25_000, 50_000, 80_000],
            Self::StatusRead => [1_000, 2_000, 3_000, 4_500, 8_000, 22_000, 50_000, 100_000],
            Self::RunPodSandbox => [95_000, 120_000, 150_000, 187_000, 222_000, 262_000, 320_000, 500_000],
            Self::StopPodSandbox => [85_000, 110_000, 140_000, 175_000, 215_000, 270_000, 350_000, 500_000],
            Self::PullImage => [200_000, 240_000, 300_000, 400_000, 550_000, 900_000, 1_300_000, 1_600_000],
            Self::CreateContainer => [7_000, 11_000, 15_000, 20_000, 30_000, 75_000, 130_000, 250_000],
            Self::StartContainer => [35_000, 48_000, 58_000, 72_000, 92_000, 125_000, 190_000, 300_000],
            Self::SendSignal => [5_000, 8_000, 11_000, 15_000, 22_000, 40_000, 90_000, 160_000],
            Self::ProcessStart => [2_000, 3_000, 5_000, 8_000, 14_000, 40_000, 80_000, 120_000],
            Self::ProcessExit => [5_000, 9_000, 14_000, 20_000, 30_000, 60_000, 110_000, 200_000],
            Self::RemoveContainer => [10_000, 15_000, 20_000, 30_000, 45_000, 90_000, 150_000, 200_000],
            Self::Exec => [35_000, 42_000, 50_000, 60_000, 75_000, 110_000, 180_000, 250_000],
            Self::Recorder => [500, 1_000, 2_000, 3_500, 7_500, 20_000, 45_000, 80_000],
            Self::EndpointSliceSync => [500, 1_000, 2_200, 6_000, 16_000, 50_000, 100_000, 180_000],
            Self::AdmitPod => [800, 1_300, 2_000, 3_000, 5_000, 25_000, 60_000, 100_000],
            Self::Connect => [200, 400, 700, 1_200, 2_500, 8_000, 20_000, 40_000],
            Self::Unmount => [5_000, 12_000, 20_000, 35_000, 55_000, 90_000, 140_000, 200_000],
            Self::Probe => [400, 1_200, 3_000, 8_000, 15_000, 30_000, 60_000, 100_000],
        }
    }
    /// Whether it is work of the control plane's machine, which goes as fast as the machine is free at that moment.
    pub fn is_shared(self) -> bool {
        matches!(
            self,
            Self::Network
                | Self::Read
                | Self::Commit
                | Self::Watch
                | Self::Sync
                | Self::Schedule
                | Self::Recorder
                | Self::EndpointSliceSync
                | Self::AdmitPod
        )
    }
    /// The time at the 64 even bits of a draw.
    pub fn at(self, bits: u64) -> Micros {
        between(&self.shape(), bits)
    }
}

/// The time at a draw's place in a shape, straight between its points, in whole numbers.
pub fn between(shape: &Shape, bits: u64) -> Micros {
    const PLACES: Shape = [0, 100, 250, 500, 750, 900, 970, 1_000];
    let place = super::chance::scale(bits, 1_000_000);
    let next =
        (1..PLACES.len() - 1).find(|&i| place < u64::from(PLACES[i]) * 1_000).unwrap_or(PLACES.len() - 1);
    let (p0, p1) = (u64::from(PLACES[next - 1]) * 1_000, u64::from(PLACES[next]) * 1_000);
    let (m0, m1) = (u64::from(shape[next - 1]), u64::from(shape[next]));
    m0 + (m1 - m0) * (place - p0) / (p1 - p0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_has_its_median_and_its_ends() {
        let shape = Hop::Commit.shape();
        assert_eq!(between(&shape, 0), 1_500);
        assert_eq!(between(&shape, u64::MAX / 2 + 1), 3_300);
        assert!(between(&shape, u64::MAX) <= 40_000);
    }
}
