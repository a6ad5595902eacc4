//! The side that shows: a list of what arrived, and one mail.
use super::inbox::Inbox;
use axum::{
    Router,
    extract::{Path as Segment, Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::{Next, from_fn},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use mail_parser::{Address, MessageParser};
use std::{fmt::Write, sync::Arc};

const SHOWN: usize = 200;

pub fn router(inbox: Arc<Inbox>) -> Router {
    Router::new().route("/", get(list)).route("/{number}", get(one)).layer(from_fn(guard)).with_state(inbox)
}

/// Mails hold invitations: a foreign page must not read them through a name that points here, nor run anything.
async fn guard(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if !["127.0.0.1", "localhost"].contains(&name) {
        return StatusCode::MISDIRECTED_REQUEST.into_response();
    }
    let mut response = next.run(request).await;
    let policy = HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'");
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

struct Shown {
    from: String,
    to: String,
    subject: String,
    date: String,
    text: String,
}

async fn read(inbox: &Inbox, number: u64) -> Option<Shown> {
    let raw = tokio::fs::read(inbox.path(number)).await.ok()?;
    let mail = MessageParser::default().parse(&raw)?;
    let people = |list: Option<&Address<'_>>| {
        let names = list.into_iter().flat_map(|list| list.iter()).filter_map(|person| person.address()).collect::<Vec<_>>();
        names.join(", ")
    };
    Some(Shown {
        from: people(mail.from()),
        to: people(mail.to()),
        subject: mail.subject().unwrap_or("(sin asunto)").to_owned(),
        date: mail.date().and_then(|date| lima(date.to_timestamp())).unwrap_or_default(),
        text: mail.body_text(0).unwrap_or_default().into_owned(),
    })
}

/// Peru has had one offset and no daylight saving since 1994.
fn lima(seconds: i64) -> Option<String> {
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(-5));
    Some(jiff::Timestamp::from_second(seconds).ok()?.to_zoned(zone).strftime("%d/%m/%Y %H:%M").to_string())
}

async fn list(State(inbox): State<Arc<Inbox>>) -> Html<String> {
    let numbers = inbox.numbers().unwrap_or_default();
    let mut rows = String::new();
    for number in numbers.iter().take(SHOWN) {
        let Some(mail) = read(&inbox, *number).await else { continue };
        let (date, to, subject) = (escape(&mail.date), escape(&mail.to), escape(&mail.subject));
        let _ = write!(rows, "<tr><td>{date}</td><td>{to}</td><td><a href=\"/{number}\">{subject}</a></td></tr>");
    }
    let table = if rows.is_empty() {
        "<p>Todavía no llegó ningún correo.</p>".to_owned()
    } else {
        format!("<table><thead><tr><th>Fecha</th><th>Para</th><th>Asunto</th></tr></thead><tbody>{rows}</tbody></table>")
    };
    page("Correo de la demo", &format!("<p>Nada sale de esta máquina. <a href=\"/\">Actualizar</a></p>{table}"))
}

async fn one(State(inbox): State<Arc<Inbox>>, Segment(number): Segment<String>) -> Response {
    let found = match number.parse() {
        Ok(number) => read(&inbox, number).await,
        Err(_) => None,
    };
    let Some(mail) = found else {
        return (StatusCode::NOT_FOUND, page("No existe ese correo", "<p><a href=\"/\">Todos los correos</a></p>")).into_response();
    };
    let head = [("De", &mail.from), ("Para", &mail.to), ("Fecha", &mail.date)];
    let mut body = String::from("<p><a href=\"/\">← Todos los correos</a></p><dl>");
    for (name, value) in head {
        let _ = write!(body, "<dt>{name}</dt><dd>{}</dd>", escape(value));
    }
    let _ = write!(body, "</dl><pre>{}</pre>", with_links(&mail.text));
    page(&mail.subject, &body).into_response()
}

fn page(title: &str, body: &str) -> Html<String> {
    let title = escape(title);
    Html(format!(
        "<!doctype html><html lang=\"es\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title><style>body{{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;\
         color:#1c2733;background:#fff}}table{{border-collapse:collapse;width:100%}}th,td{{text-align:left;padding:.4rem .8rem .4rem 0;\
         border-bottom:1px solid #d5dce3;vertical-align:top}}pre{{white-space:pre-wrap;overflow-wrap:anywhere;background:#f4f6f8;\
         padding:1rem;border-radius:.4rem;font:inherit}}dt{{float:left;clear:left;width:4rem;color:#566573}}dd{{margin:0 0 .2rem 4rem}}\
         a{{color:#0b5cad}}</style></head><body><h1>{title}</h1>{body}</body></html>"
    ))
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// Escaped, with web addresses made into links.
fn with_links(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut rest = text;
    while let Some(start) = ["http://", "https://"].iter().filter_map(|scheme| rest.find(scheme)).min() {
        let (before, from) = rest.split_at(start);
        let end = from.find(|letter: char| letter.is_whitespace() || "<>\"'".contains(letter)).unwrap_or(from.len());
        // The full stop of the sentence is not part of the address.
        let address = from[..end].trim_end_matches(['.', ',', ';', ':', ')', '!', '?']);
        let shown = escape(address);
        let _ = write!(out, "{}<a href=\"{shown}\" rel=\"noreferrer\">{shown}</a>", escape(before));
        rest = &from[address.len()..];
    }
    out.push_str(&escape(rest));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_become_links_and_nothing_else_becomes_markup() {
        assert_eq!(
            with_links("vea (http://a.pe/x?b=1&c=2). <b>"),
            "vea (<a href=\"http://a.pe/x?b=1&amp;c=2\" rel=\"noreferrer\">http://a.pe/x?b=1&amp;c=2</a>). &lt;b&gt;"
        );
        assert_eq!(with_links("http://a\"onclick=1"), "<a href=\"http://a\" rel=\"noreferrer\">http://a</a>&quot;onclick=1");
        assert_eq!(with_links("https://. fin"), "<a href=\"https://\" rel=\"noreferrer\">https://</a>. fin");
        assert_eq!(with_links(""), "");
    }
}
