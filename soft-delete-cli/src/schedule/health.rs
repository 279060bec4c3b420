//! Two pages on the loopback interface: `/health` and `/metrics`.

use std::{
    io::{self, BufRead, BufReader, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use crate::metrics::Metrics;

/// Whether the last attempt succeeded, for those who ask on a port.
pub(super) struct Health(Arc<AtomicBool>);

impl Health {
    /// Answers on this port of 127.0.0.1, if there is to be one, as long as the program runs.
    pub(super) fn serve(port: Option<u16>, metrics: &Metrics) -> io::Result<Self> {
        let is_well = Arc::new(AtomicBool::new(true));
        if let Some(port) = port {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| {
                io::Error::new(error.kind(), format!("port {port} of 127.0.0.1: {error}"))
            })?;
            let (is_well, metrics) = (Arc::clone(&is_well), metrics.clone());
            thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    // Who hangs up is not answered.
                    let _ = answer(stream, is_well.load(Ordering::Relaxed), &metrics);
                }
            });
        }
        Ok(Self(is_well))
    }

    /// Notes how the last attempt went.
    pub(super) fn is(&self, well: bool) {
        self.0.store(well, Ordering::Relaxed);
    }
}

fn answer(stream: TcpStream, is_well: bool, metrics: &Metrics) -> io::Result<()> {
    const PATIENCE: Duration = Duration::from_secs(2);
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut line = String::new();
    let mut reader = BufReader::new(&stream).lines();
    if let Some(first) = reader.next() {
        line = first?;
    }
    let (status, body) = match line.split(' ').nth(1) {
        Some("/health") if is_well => ("200 OK", "ok\n".to_owned()),
        Some("/health") => ("503 Service Unavailable", "the last cleanup failed\n".to_owned()),
        Some("/metrics") => ("200 OK", metrics.text()),
        _ => ("404 Not Found", "/health or /metrics\n".to_owned()),
    };
    write!(
        &stream,
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}
