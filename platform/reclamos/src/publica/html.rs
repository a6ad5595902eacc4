//! The book as HTML. Every text is escaped by the templates.
use super::{CSS, slug};
use crate::model::{Consumidor, Establecimiento, Falta, Formulario, Reclamo, Tipo, dia, documento_nombre};
use kernel::{text::DocumentoTipo, token::sha256};
use maud::{DOCTYPE, Markup, html};
use std::{fmt::Write, sync::OnceLock};

/// The address of the style, which names what is in it.
fn css() -> &'static str {
    static PATH: OnceLock<String> = OnceLock::new();
    PATH.get_or_init(|| {
        let version = sha256(CSS).iter().take(6).fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        format!("/libro-de-reclamaciones/-/libro.css?v={version}")
    })
}

fn documento(titulo: &str, cuerpo: &Markup) -> String {
    html! {
        (DOCTYPE)
        html lang="es-PE" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width,initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                title { (titulo) }
                link rel="stylesheet" href=(css());
            }
            body { (cuerpo) }
        }
    }
    .into_string()
}

/// A page that says one thing.
pub fn aviso(titulo: &str, texto: &str) -> String {
    documento(titulo, &html! { main { h1 { (titulo) } p { (texto) } } })
}

/// The books of a chain.
pub fn sedes(clave: &str, sedes: &[Establecimiento]) -> String {
    let cadena = sedes.first().map(|sede| sede.proveedor.cadena.as_str()).unwrap_or_default();
    let titulo = format!("Libro de Reclamaciones de {cadena}");
    let cuerpo = html! {
        main {
            h1 { (titulo) }
            h2 { "¿En qué sede?" }
            ul class="opciones" {
                @for sede in sedes {
                    li {
                        a href=(format!("/libro-de-reclamaciones/{clave}/{}", slug(&sede.proveedor.sede))) {
                            strong { (sede.proveedor.sede) } " " span { (sede.proveedor.direccion) }
                        }
                    }
                }
            }
        }
    };
    documento(&titulo, &cuerpo)
}

/// D.S. 011-2011-PCM, annex I.
const RECLAMO: &str = "Disconformidad relacionada con los productos o servicios.";
const QUEJA: &str = "Disconformidad no relacionada con los productos o servicios, o malestar o descontento por la atención al público.";
const OTRAS_VIAS: &str = "La formulación del reclamo no impide acudir a otras vías de solución de controversias ni es requisito previo \
                          para interponer una denuncia ante el INDECOPI.";
const PLAZO: &str =
    "El proveedor debe dar respuesta al reclamo o queja en un plazo no mayor a quince (15) días hábiles, el cual es improrrogable.";

/// A form with what was written in it and what is to be corrected.
struct Campos<'a> {
    faltas: &'a [Falta],
}

impl Campos<'_> {
    fn falta(&self, campo: &str) -> Option<&'static str> {
        self.faltas.iter().find(|(name, _)| *name == campo).map(|(_, why)| *why)
    }
    fn nota(&self, campo: &str) -> Markup {
        html! { @if let Some(why) = self.falta(campo) { p class="falta" id=(format!("falta-{campo}")) { (why) } } }
    }
    fn marca(&self, campo: &str) -> (Option<&'static str>, Option<String>) {
        let wrong = self.falta(campo).is_some();
        (wrong.then_some("true"), wrong.then(|| format!("falta-{campo}")))
    }
    /// `kind`: the type of the input, and what the browser may fill in.
    fn linea(&self, campo: &'static str, label: &str, value: &str, (kind, fills): (&str, &str), max: u32, needed: bool) -> Markup {
        let (invalid, told) = self.marca(campo);
        html! {
            label for=(campo) { (label) @if !needed { " (opcional)" } }
            input id=(campo) name=(campo) type=(kind) value=(value) autocomplete=(fills) maxlength=(max) required[needed]
                aria-invalid=[invalid] aria-describedby=[told];
            (self.nota(campo))
        }
    }
    fn parrafo(&self, campo: &'static str, label: &str, value: &str, max: u32, rows: u32) -> Markup {
        let (invalid, told) = self.marca(campo);
        html! {
            label for=(campo) { (label) }
            textarea id=(campo) name=(campo) maxlength=(max) rows=(rows) required aria-invalid=[invalid] aria-describedby=[told] { (value) }
            (self.nota(campo))
        }
    }
    /// One of two or three, as radio buttons.
    fn eleccion(&self, campo: &'static str, legend: &str, chosen: &str, choices: &[(&str, &str, &str)]) -> Markup {
        html! {
            fieldset class="eleccion" {
                legend { (legend) }
                @for (value, name, explained) in choices {
                    label class="casilla" {
                        input type="radio" name=(campo) value=(value) required checked[chosen == *value];
                        " " strong { (name) } @if !explained.is_empty() { ": " (explained) }
                    }
                }
                (self.nota(campo))
            }
        }
    }
}

const DOCUMENTOS: [(DocumentoTipo, &str); 5] = [
    (DocumentoTipo::Dni, "dni"),
    (DocumentoTipo::Ce, "ce"),
    (DocumentoTipo::Pasaporte, "pasaporte"),
    (DocumentoTipo::Ptp, "ptp"),
    (DocumentoTipo::Ruc, "ruc"),
];

/// The sheet to be filled in.
pub fn formulario(sede: &Establecimiento, form: &Formulario, faltas: &[Falta]) -> String {
    let proveedor = &sede.proveedor;
    let titulo = format!("Libro de Reclamaciones: {}", proveedor.sede);
    let campos = Campos { faltas };
    let cuerpo = html! {
        header {
            p class="cadena" { (proveedor.cadena) }
            h1 { (titulo) }
            p { (proveedor.razon_social) ", RUC " (proveedor.ruc) br; (proveedor.direccion) }
        }
        main {
            @if !faltas.is_empty() {
                p class="aviso" role="alert" { "Su hoja todavía no se registró. Corrija lo que está marcado y envíela otra vez." }
            }
            form method="post" accept-charset="utf-8" {
                input type="hidden" name="enlace" value=(form.enlace);
                h2 { "1. Usted" }
                (consumidor(&campos, form))
                h2 { "2. Lo que contrató" }
                (campos.eleccion("bien", "Fue un", &form.bien, &[("producto", "Producto", ""), ("servicio", "Servicio", "")]))
                (campos.linea("bien_descripcion", "Descripción", &form.bien_descripcion, ("text", "off"), 500, true))
                (campos.linea("monto", "Monto reclamado, en soles", &form.monto, ("text", "off"), 15, false))
                h2 { "3. Su reclamación" }
                (campos.eleccion("tipo", "Es un", &form.tipo, &[("reclamo", "Reclamo", RECLAMO), ("queja", "Queja", QUEJA)]))
                (campos.parrafo("detalle", "Qué pasó", &form.detalle, 4000, 6))
                (campos.parrafo("pedido", "Qué pide", &form.pedido, 2000, 3))
                p class="nota" { (OTRAS_VIAS) }
                p class="nota" { (PLAZO) }
                p class="nota" {
                    "Sus datos se usan para atender su reclamación, como manda la Ley 29571, y se guardan cifrados."
                }
                button { "Enviar la hoja" }
            }
        }
    };
    documento(&titulo, &cuerpo)
}

fn consumidor(campos: &Campos<'_>, form: &Formulario) -> Markup {
    let (invalid, told) = campos.marca("documento_tipo");
    html! {
        (campos.linea("nombre", "Nombre completo", &form.nombre, ("text", "name"), 200, true))
        label for="documento_tipo" { "Documento" }
        select id="documento_tipo" name="documento_tipo" aria-invalid=[invalid] aria-describedby=[told] {
            @for (tipo, value) in DOCUMENTOS {
                option value=(value) selected[form.documento_tipo == value] { (documento_nombre(tipo)) }
            }
        }
        (campos.nota("documento_tipo"))
        (campos.linea("documento", "Número de documento", &form.documento, ("text", "off"), 20, true))
        p class="nota" { "Escriba su correo o su domicilio: ahí le llega la respuesta. Con su correo recibe también una copia de la hoja." }
        (campos.linea("correo", "Correo", &form.correo, ("email", "email"), 254, false))
        (campos.linea("domicilio", "Domicilio", &form.domicilio, ("text", "street-address"), 300, false))
        (campos.linea("telefono", "Teléfono", &form.telefono, ("tel", "tel"), 30, false))
        (campos.linea("apoderado", "Padre, madre o apoderado, si es menor de edad", &form.apoderado, ("text", "off"), 200, false))
    }
}

/// The sheet as it was registered, to be printed.
pub fn hoja(reclamo: &Reclamo) -> String {
    let titulo = format!("Hoja de reclamación {}", reclamo.codigo);
    let proveedor = &reclamo.proveedor;
    let cuerpo = html! {
        main class="hoja" {
            header {
                p class="cadena" { "Libro de Reclamaciones" }
                h1 { "Hoja de reclamación N.º " (reclamo.codigo) }
                dl {
                    (dato("Fecha", &dia(reclamo.fecha)))
                    (dato("Proveedor", &format!("{}, RUC {}", proveedor.razon_social, proveedor.ruc)))
                    (dato("Establecimiento", &format!("{}, {}", proveedor.sede, proveedor.direccion)))
                }
            }
            (identificacion(&reclamo.hoja.consumidor))
            h2 { "2. Identificación del bien contratado" }
            dl {
                (dato(reclamo.hoja.bien.nombre(), &reclamo.hoja.bien_descripcion))
                @if let Some(monto) = reclamo.hoja.monto { (dato("Monto reclamado", &format!("S/ {monto}"))) }
            }
            h2 { "3. Detalle de la reclamación y pedido del consumidor" }
            dl {
                (dato("Tipo", if reclamo.tipo == Tipo::Reclamo { "Reclamo" } else { "Queja" }))
                (dato("Detalle", &reclamo.hoja.detalle))
                (dato("Pedido", &reclamo.hoja.pedido))
            }
            h2 { "4. Observaciones y acciones adoptadas por el proveedor" }
            @match (&reclamo.respuesta, reclamo.respondido_en) {
                (Some(respuesta), Some(en)) => dl {
                    (dato("Fecha de la respuesta", &dia(reclamo.zona.to_datetime(en).date())))
                    (dato("Respuesta", respuesta))
                }
                _ => p { "Sin respuesta todavía. El plazo vence el " strong { (dia(reclamo.vence_el)) } "." }
            }
            footer {
                p { strong { "Reclamo: " } (RECLAMO) " " strong { "Queja: " } (QUEJA) }
                p { (OTRAS_VIAS) }
                p { (PLAZO) }
                p class="pantalla" { "Guarde la dirección de esta página o imprímala con su navegador: es su copia." }
            }
        }
    };
    documento(&titulo, &cuerpo)
}

fn identificacion(consumidor: &Consumidor) -> Markup {
    let Consumidor { nombre, documento_tipo, documento, domicilio, telefono, correo, apoderado } = consumidor;
    let may = [("Domicilio", domicilio), ("Teléfono", telefono), ("Correo", correo), ("Padre, madre o apoderado", apoderado)];
    html! {
        h2 { "1. Identificación del consumidor reclamante" }
        dl {
            (dato("Nombre", nombre))
            (dato(documento_nombre(*documento_tipo), documento))
            @for (name, value) in may { @if let Some(value) = value { (dato(name, value)) } }
        }
    }
}

fn dato(name: &str, value: &str) -> Markup {
    html! { div { dt { (name) } dd { (value) } } }
}
