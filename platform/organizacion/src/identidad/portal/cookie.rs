//! The two cookies of the portal: the session, and that this browser signed in before.
use axum::http::{HeaderMap, HeaderValue, header};
use jiff::SignedDuration;

pub const SESION: &str = "__Host-huella";
/// Devices' tokens of the last few people who signed in here; they open nothing (see `token::make_device`).
pub const EQUIPO: &str = "__Host-huella-equipo";
/// People who share a computer and are remembered.
const EQUIPOS: usize = 8;
const UN_ANO: SignedDuration = SignedDuration::from_hours(365 * 24);

/// The value of a cookie, if the request has it.
pub fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// Only for this very host, only over TLS (or to the machine itself), out of the reach of scripts, and not sent along when
/// another site posts here.
fn set(name: &str, value: &str, lives: SignedDuration) -> Option<HeaderValue> {
    let text = format!("{name}={value}; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age={}", lives.as_secs());
    HeaderValue::try_from(text).ok()
}

pub fn sesion(secreto: &str, lives: SignedDuration) -> Option<HeaderValue> {
    set(SESION, secreto, lives)
}

/// Takes the session away from the browser.
pub fn sin_sesion() -> Option<HeaderValue> {
    set(SESION, "", SignedDuration::ZERO)
}

/// The tokens of devices in the cookie's value.
pub fn equipos(headers: &HeaderMap) -> Vec<String> {
    read(headers, EQUIPO).into_iter().flat_map(|value| value.split('.')).take(EQUIPOS).map(str::to_owned).collect()
}

/// With one more in front, and the oldest forgotten.
pub fn con_equipo(nuevo: &str, otros: &[String]) -> Option<HeaderValue> {
    let all: Vec<&str> = std::iter::once(nuevo).chain(otros.iter().map(String::as_str)).take(EQUIPOS).collect();
    set(EQUIPO, &all.join("."), UN_ANO)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(lines: &[&'static str]) -> HeaderMap {
        lines.iter().map(|line| (header::COOKIE, HeaderValue::from_static(line))).collect()
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let headers = with(&["a=1; __Host-huella-equipo=x.y", "__Host-huella=hs_1; b=2"]);
        assert_eq!(read(&headers, SESION), Some("hs_1"));
        assert_eq!(equipos(&headers), ["x", "y"]);
        assert_eq!(read(&with(&["x__Host-huella=1"]), SESION), None);
    }

    #[test]
    fn the_oldest_of_many_people_is_forgotten() {
        let otros: Vec<String> = (0..EQUIPOS).map(|n| format!("e{n}")).collect();
        let value = con_equipo("nuevo", &otros).expect("a header");
        let value = value.to_str().expect("ascii");
        assert!(value.starts_with("__Host-huella-equipo=nuevo.e0.") && value.contains(".e6;") && !value.contains("e7"), "{value}");
        assert!(value.contains("HttpOnly; Secure; SameSite=Lax"));
    }
}
