//! Tiny pages for people who come by a link in a letter: no script, no style, nothing from elsewhere.
use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use std::borrow::Cow;

/// Text of somebody's as text of a page.
pub fn texto(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut safe, c| {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
        safe
    })
}

/// A button that does one thing; opening the page does nothing, because mail programs open links by themselves.
pub struct Boton {
    /// Where it posts to, relative to the page.
    pub accion: String,
    pub nombre: Cow<'static, str>,
}

/// A way to another page, which changes nothing.
pub struct Paso {
    pub a: String,
    pub nombre: &'static str,
}

/// A page with a title, paragraphs and buttons. All texts are escaped here.
pub fn pagina(status: StatusCode, titulo: &str, parrafos: &[String], botones: &[Boton]) -> Response {
    pagina_con(status, titulo, parrafos, botones, &[])
}

/// The same, with ways to other pages below.
pub fn pagina_con(status: StatusCode, titulo: &str, parrafos: &[String], botones: &[Boton], pasos: &[Paso]) -> Response {
    let parrafos: String = parrafos.iter().map(|parrafo| format!("<p>{}</p>", texto(parrafo))).collect();
    let boton = |Boton { accion, nombre }: &Boton| {
        format!(r#"<form method="post" action="{}"><button>{}</button></form>"#, texto(accion), texto(nombre))
    };
    let botones: String = botones.iter().map(boton).collect();
    let paso = |Paso { a, nombre }: &Paso| format!(r#"<p><a href="{}">{}</a></p>"#, texto(a), texto(nombre));
    let pasos: String = pasos.iter().map(paso).collect();
    let titulo = texto(titulo);
    let html = format!(
        r#"<!doctype html><html lang="es-PE"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex"><title>{titulo}</title></head><body><main><h1>{titulo}</h1>{parrafos}{botones}{pasos}</main></body></html>"#
    );
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_text_and_nothing_else() {
        assert_eq!(texto(r#"<b onload="x">L'una & Sol</b>"#), "&lt;b onload=&quot;x&quot;&gt;L&#39;una &amp; Sol&lt;/b&gt;");
    }
}
