//! One watch over a WebSocket. Each message is an event.

use super::net::socket_address;
use gloo::events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::{MessageEvent, WebSocket};

/// What becomes of a stream.
pub(super) enum Told {
    Opened,
    Message(String),
    Closed,
}

/// It is closed when it is dropped, and tells nothing any more.
pub(super) struct Stream {
    socket: WebSocket,
    _listeners: [EventListener; 3],
}

impl Stream {
    /// Opens one. None where the browser refuses to.
    pub(super) fn open(path: &str, told: impl Fn(Told) + Clone + 'static) -> Option<Self> {
        let socket = WebSocket::new(&socket_address(path)?).ok()?;
        let (opened, heard, closed) = (told.clone(), told.clone(), told);
        let listeners = [
            EventListener::new(&socket, "open", move |_| opened(Told::Opened)),
            EventListener::new(&socket, "message", move |event| {
                let text = event.dyn_ref::<MessageEvent>().and_then(|event| event.data().as_string());
                if let Some(text) = text {
                    heard(Told::Message(text));
                }
            }),
            EventListener::new(&socket, "close", move |_| closed(Told::Closed)),
        ];
        Some(Self { socket, _listeners: listeners })
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        _ = self.socket.close();
    }
}
