//! A Redis for one run of the tests: nothing on disk, gone at the end.
use crate::paths;
use anyhow::{Result, bail};
use cluster::{Supervised, Target, private::free_port};
use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

pub struct Redis {
    port: u16,
    _server: Supervised,
}

impl Redis {
    pub fn start() -> Result<Self> {
        // Somebody may take the port between the look and the start.
        for _ in 0..5 {
            let port = free_port()?;
            let number = port.to_string();
            let settings =
                ["--bind", "127.0.0.1", "--port", &number, "--save", "", "--appendonly", "no", "--daemonize", "no", "--maxmemory", "256mb"];
            let mut server = Supervised::spawn(Target::Group, "redis-server", settings, |command| {
                command.current_dir(paths::target()).stdout(Stdio::null()).stderr(Stdio::null());
            })?;
            let deadline = Instant::now() + Duration::from_secs(10);
            while server.ended()?.is_none() && Instant::now() < deadline {
                if answers(port) {
                    return Ok(Self { port, _server: server });
                }
                thread::sleep(Duration::from_millis(20));
            }
        }
        bail!("redis-server no arrancó");
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }
}

fn answers(port: u16) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(Duration::from_secs(1)))?;
        stream.write_all(b"PING\r\n")?;
        let mut answer = [0u8; 5];
        stream.read_exact(&mut answer)?;
        Ok(&answer == b"+PONG")
    };
    ask().unwrap_or(false)
}
