//! The server in front of the pages: nobody keeps a connection by being slow.

use std::{io, pin::pin, time::Duration};

use axum::Router;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::net::TcpListener;

/// Whoever has not said in this time what they want is hung up on.
const LONGEST_HEAD: Duration = Duration::from_secs(15);

/// Whoever is being answered when the server ends has so long.
const LONGEST_FAREWELL: Duration = Duration::from_secs(10);

/// Answers until it is told to end, and lets those finish who are being answered then.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    stopped: impl Future<Output = ()>,
) -> io::Result<()> {
    // To find out which version is spoken would be to wait for somebody's first words without a limit.
    let mut server = auto::Builder::new(TokioExecutor::new()).http1_only();
    server
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(LONGEST_HEAD);
    let open = GracefulShutdown::new();
    let mut stopped = pin!(stopped);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stopped => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            // One that has gone again, or too many at once: the next one is another.
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let service = TowerToHyperService::new(router.clone());
        let connection = server
            .serve_connection(TokioIo::new(stream), service)
            .into_owned();
        let connection = open.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error, "a connection ended");
            }
        });
    }
    drop(listener);
    // Who is slower than that has no answer.
    let _ = tokio::time::timeout(LONGEST_FAREWELL, open.shutdown()).await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::TcpStream,
        thread,
    };

    use axum::routing::get;

    use super::*;

    /// The clock moves when everybody waits for it.
    #[tokio::test(start_paused = true)]
    async fn who_says_nothing_is_hung_up_on() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new().route("/", get(|| async { "here" }));
        let (end, ended) = tokio::sync::oneshot::channel::<()>();
        let serving = tokio::spawn(serve(listener, router, async {
            let _ = ended.await;
        }));
        let said = |words: &'static str| {
            let (tell, told) = tokio::sync::oneshot::channel();
            thread::spawn(move || {
                let mut stream = TcpStream::connect(address).expect("a connection");
                stream
                    .set_read_timeout(Some(Duration::from_secs(60)))
                    .expect("a limit");
                write!(stream, "{words}").expect("sent");
                let mut answer = String::new();
                let _ = tell.send(stream.read_to_string(&mut answer).map(|_| answer));
            });
            async {
                told.await
                    .expect("an end")
                    .expect("an end, and not a connection that stays")
            }
        };
        for words in ["", "GET / HTTP/1.1\r\nHost: loc"] {
            let answer = said(words).await;
            assert!(!answer.contains("200 OK"), "{answer}");
        }
        tokio::time::resume();
        let whole = said("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await;
        assert!(whole.ends_with("here"), "{whole}");
        end.send(()).expect("a server");
        serving.await.expect("a server").expect("an end");
    }
}
