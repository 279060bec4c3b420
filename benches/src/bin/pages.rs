//! The pages of the recycle bin on a large table, as visitors ask for them.
//!
//! `pages PROGRAM` runs `PROGRAM admin serve` on the database of `DATABASE_URL` and the models of the current folder, asks it for each
//! kind of page as many times as there is room for, at random depths, with as many visitors as there are processors, and tells how
//! long answers took; then fifty visitors at once, and what that does to the memory of the process.

use std::{
    env,
    error::Error,
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, ExitCode, Stdio},
    thread,
    time::{Duration, Instant},
};

use ureq::Agent;

/// Requests of each kind.
const REQUESTS: usize = 1_000;

/// As many visitors as there are processors where this is measured.
const VISITORS: usize = 2;

/// As many as a large support desk has at work at once.
const CROWD: usize = 50;

/// The rows of the table of `by_hand`, and the days over which their deletions are spread.
const ROWS: u64 = 1_000_000;
const DAYS: u64 = 60;

type Failed = Box<dyn Error + Send + Sync>;

/// Numbers without a pattern, the same ones in each run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        // Knuth's MMIX constants; the high bits are the good ones.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

/// The server, gone with this.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(program: &str) -> Result<Self, Failed> {
        let mut child = Command::new(program)
            .args(["admin", "serve", "--no-login", "--listen", "127.0.0.1:0"])
            .stderr(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        let told = child.stderr.take().ok_or("no words")?;
        BufReader::new(told).read_line(&mut line)?;
        let (_, address) = line.trim().split_once("http://").ok_or(line.clone())?;
        Ok(Self {
            address: format!("http://{}/bin", address.trim_end_matches('/')),
            child,
        })
    }

    /// What the process has in memory, in MiB.
    fn memory(&self) -> Result<f64, Failed> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line
            .and_then(|line| line.split_whitespace().next())
            .ok_or("no figure")?;
        Ok(kilobytes.parse::<f64>()? / 1_024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ask(agent: &Agent, address: &str) -> Result<String, Failed> {
    Ok(agent.get(address).call()?.body_mut().read_to_string()?)
}

/// Places all over the list: the second page behind the end of each day, which goes on without the day.
fn places(address: &str) -> Result<Vec<String>, Failed> {
    let agent = Agent::new_with_defaults();
    let mut places = Vec::new();
    let newest = ask(&agent, &format!("{address}/records?model=leads&size=1"))?;
    let (_, rest) = newest.split_once("datetime=\"").ok_or("no deleted row")?;
    let newest: chrono::DateTime<chrono::Utc> = rest.split('"').next().unwrap_or_default().parse()?;
    for day in 0..DAYS {
        let day = (newest - chrono::TimeDelta::days(i64::try_from(day)?)).format("%Y-%m-%d");
        let page = ask(&agent, &format!("{address}/records?model=leads&until={day}"))?;
        let Some((before, _)) = page.split_once(">Next page<") else {
            continue;
        };
        let link = before.rsplit("after=").next().unwrap_or_default();
        places.push(link.trim_end_matches('"').to_owned());
    }
    Ok(places)
}

/// Each kind of page, with what makes an address of it.
type Kind<'p> = (&'static str, Box<dyn Fn(&mut Dice) -> String + Sync + 'p>);

fn kinds(places: &[String]) -> Vec<Kind<'_>> {
    let place = |dice: &mut Dice| {
        let count = u64::try_from(places.len()).unwrap_or(1);
        let number = usize::try_from(dice.roll(count)).unwrap_or_default();
        places[number].clone()
    };
    vec![
        ("records, newest", Box::new(|_| "records?model=leads".to_owned())),
        ("records, all models", Box::new(|_| "records".to_owned())),
        (
            "records, at any depth",
            Box::new(move |dice| format!("records?model=leads&after={}", place(dice))),
        ),
        (
            "records, oldest first",
            Box::new(|_| "records?model=leads&sort=oldest".to_owned()),
        ),
        (
            "records, a day",
            Box::new(|dice| {
                format!(
                    "records?model=leads&show=deleted&since=2026-{:02}-01",
                    1 + dice.roll(12)
                )
            }),
        ),
        (
            "records, expired",
            Box::new(|_| "records?model=leads&show=expired".to_owned()),
        ),
        (
            "records, expiring",
            Box::new(|_| "records?model=leads&show=expiring".to_owned()),
        ),
        (
            "records, held",
            Box::new(|_| "records?model=leads&show=held".to_owned()),
        ),
        (
            "records, all",
            Box::new(|_| "records?model=leads&show=all".to_owned()),
        ),
        (
            "search by id",
            Box::new(|dice| format!("records?model=leads&id={}", dice.roll(ROWS))),
        ),
        (
            "search by name",
            Box::new(|dice| format!("records?model=leads&label=number+{}", dice.roll(ROWS))),
        ),
        (
            "search by name, at any depth",
            Box::new(move |dice| {
                format!(
                    "records?model=leads&label=number+{}&after={}",
                    dice.roll(ROWS),
                    place(dice)
                )
            }),
        ),
        (
            "search by nobody's name",
            Box::new(|_| "records?model=leads&label=nobody".to_owned()),
        ),
        (
            "search by reason",
            Box::new(|dice| format!("records?model=leads&reason_has=reason+{}", dice.roll(100))),
        ),
        (
            "search by actor",
            Box::new(|dice| format!("records?model=leads&by=user-{}", dice.roll(9))),
        ),
        (
            "record",
            Box::new(|dice| format!("record?model=leads&id={}", dice.roll(ROWS))),
        ),
        ("overview", Box::new(|_| "overview".to_owned())),
    ]
}

/// Asks so many times, as so many visitors at once; how long each answer took.
fn measure(
    address: &str,
    kind: &(dyn Fn(&mut Dice) -> String + Sync),
    visitors: usize,
    requests: usize,
) -> Result<Vec<Duration>, Failed> {
    thread::scope(|scope| {
        let asking: Vec<_> = (0..visitors)
            .map(|visitor| {
                scope.spawn(move || -> Result<Vec<Duration>, Failed> {
                    let agent = Agent::new_with_defaults();
                    let mut dice = Dice(visitor as u64 + 1);
                    let mut times = Vec::with_capacity(requests / visitors);
                    for _ in 0..requests / visitors {
                        let page = format!("{address}/{}", kind(&mut dice));
                        let since = Instant::now();
                        ask(&agent, &page)?;
                        times.push(since.elapsed());
                    }
                    Ok(times)
                })
            })
            .collect();
        let mut times = Vec::new();
        for visitor in asking {
            times.extend(visitor.join().map_err(|_| "a visitor failed")??);
        }
        times.sort_unstable();
        Ok(times)
    })
}

fn milliseconds(times: &[Duration], part: f64) -> f64 {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place in a short list"
    )]
    let place = ((times.len() as f64 * part) as usize).min(times.len().saturating_sub(1));
    times.get(place).map_or(0.0, |time| time.as_secs_f64() * 1e3)
}

fn run(program: &str) -> Result<(), Failed> {
    let server = Server::start(program)?;
    let address = server.address.clone();
    let places = places(&address)?;
    println!("{:<30}{:>8} {:>8} {:>8}", "", "median", "p99", "slowest");
    let kinds = kinds(&places);
    for (name, kind) in &kinds {
        measure(&address, kind, 1, 3)?;
        let times = measure(&address, kind, VISITORS, REQUESTS)?;
        println!(
            "{name:<30}{:>8.1} {:>8.1} {:>8.1}",
            milliseconds(&times, 0.5),
            milliseconds(&times, 0.99),
            milliseconds(&times, 1.0)
        );
    }
    println!(
        "ms, {REQUESTS} requests of each kind by {VISITORS} visitors, {} places.\n",
        places.len()
    );
    let any = |dice: &mut Dice| {
        let count = u64::try_from(kinds.len()).unwrap_or(1);
        let number = usize::try_from(dice.roll(count)).unwrap_or_default();
        (kinds[number].1)(dice)
    };
    println!("{:<30}{:>8} {:>8} {:>8}", "", "requests", "MiB", "p99");
    for round in 0..=4 {
        let requests = CROWD * 40 * round;
        let times = measure(&address, &any, CROWD, requests)?;
        println!(
            "{:<30}{requests:>8} {:>8.1} {:>8.1}",
            format!("{CROWD} visitors"),
            server.memory()?,
            milliseconds(&times, 0.99)
        );
    }
    Ok(())
}

fn main() -> ExitCode {
    let Some(program) = env::args().nth(1) else {
        eprintln!("pages PROGRAM");
        return ExitCode::FAILURE;
    };
    match run(&program) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
