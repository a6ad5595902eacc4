//! The booking page as HTML. Every text is escaped by the templates.
use super::{
    CSS, JS,
    vista::{Vista, slug},
};
use crate::model::{SedePublica, dia_y_hora, solo_hora};
use jiff::civil::{Date, Weekday};
use kernel::token::sha256;
use maud::{DOCTYPE, Markup, html};
use std::{fmt::Write, sync::OnceLock};

/// The address of a resource, which names what is in it.
fn version(text: &str) -> String {
    sha256(text).iter().take(6).fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn css() -> &'static str {
    static PATH: OnceLock<String> = OnceLock::new();
    PATH.get_or_init(|| format!("/reservar/-/reserva.css?v={}", version(CSS)))
}

fn js() -> &'static str {
    static PATH: OnceLock<String> = OnceLock::new();
    PATH.get_or_init(|| format!("/reservar/-/reserva.js?v={}", version(JS)))
}

fn documento(titulo: &str, cuerpo: &Markup, script: bool) -> String {
    html! {
        (DOCTYPE)
        html lang="es-PE" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width,initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (titulo) }
                link rel="stylesheet" href=(css());
                @if script { script src=(js()) defer {} }
            }
            body { (cuerpo) }
        }
    }
    .into_string()
}

/// A page that says one thing.
pub fn aviso(titulo: &str, texto: &str) -> String {
    documento(titulo, &html! { main { h1 { (titulo) } p { (texto) } } }, false)
}

/// The sedes of a chain.
pub fn sedes(cadena: &str, clave: &str, sedes: &[SedePublica]) -> String {
    let titulo = format!("Reservar una cita en {cadena}");
    let cuerpo = html! {
        main {
            h1 { (titulo) }
            h2 { "¿En qué sede?" }
            ul class="opciones" {
                @for sede in sedes {
                    li { a href=(format!("/reservar/{clave}/{}", slug(&sede.nombre))) { strong { (sede.nombre) } " " span { (sede.ciudad) } } }
                }
            }
        }
    };
    documento(&titulo, &cuerpo, false)
}

/// The page of a sede.
pub struct Pagina<'a>(pub &'a Vista);

impl Pagina<'_> {
    pub fn render(&self) -> String {
        self.page(None)
    }
    pub fn with_notice(&self, notice: &str) -> String {
        self.page(Some(notice))
    }

    fn page(&self, notice: Option<&str>) -> String {
        let vista = self.0;
        let titulo = format!("Reservar una cita en {}", vista.sede.nombre);
        let cuerpo = html! {
            header {
                p class="cadena" { (vista.cadena) }
                h1 { (titulo) }
                @if let Some(contacto) = &vista.contacto {
                    @if !contacto.direccion.is_empty() { p { (contacto.direccion) ", " (vista.sede.ciudad) } }
                    @if !contacto.telefono.is_empty() {
                        p class="urgencia" role="note" {
                            "¿Es una emergencia? No reserve: llame al " a href=(format!("tel:{}", solo_cifras(&contacto.telefono))) { (contacto.telefono) } "."
                        }
                    }
                }
            }
            main {
                @if let Some(notice) = notice { p class="aviso" role="alert" { (notice) } }
                (self.servicios())
                @if vista.elegido.servicio.is_some() {
                    @if !vista.sede.medicos.is_empty() { (self.medicos()) }
                    (self.dias())
                    @if vista.hora.is_some() { (self.final_step()) }
                }
            }
        };
        documento(&titulo, &cuerpo, vista.hora.is_some())
    }

    fn servicios(&self) -> Markup {
        let vista = self.0;
        let chosen = vista.elegido.servicio.as_ref().map(|servicio| servicio.id);
        html! {
            section aria-labelledby="t-servicio" {
                h2 id="t-servicio" { "1. ¿Qué necesita?" }
                ul class="opciones" {
                    @for servicio in &vista.sede.servicios {
                        li {
                            a href=(vista.ruta_con(Some(servicio.id.to_string()), None, None, None))
                              aria-current=[(chosen == Some(servicio.id)).then_some("true")] {
                                strong { (servicio.nombre) } " " span { (servicio.duracion_min) " min" }
                            }
                        }
                    }
                }
            }
        }
    }

    fn medicos(&self) -> Markup {
        let vista = self.0;
        let servicio = vista.elegido.servicio.as_ref().map(|servicio| servicio.id.to_string());
        let chosen = vista.elegido.medico.as_ref().map(|medico| medico.id);
        let ruta = |medico: Option<String>| vista.ruta_con(servicio.clone(), medico, vista.dia, None);
        html! {
            section aria-labelledby="t-medico" {
                h2 id="t-medico" { "¿Con quién?" }
                ul class="opciones" {
                    li { a href=(ruta(None)) aria-current=[chosen.is_none().then_some("true")] { "Con quien esté libre" } }
                    @for medico in &vista.sede.medicos {
                        li {
                            a href=(ruta(Some(medico.id.to_string()))) aria-current=[(chosen == Some(medico.id)).then_some("true")] { (medico.nombre) }
                        }
                    }
                }
            }
        }
    }

    fn dias(&self) -> Markup {
        let vista = self.0;
        let Some(dia) = vista.dia else {
            return html! { p class="aviso" { "No hay horas libres en los próximos días. Llame a la sede." } };
        };
        let after = vista.dias.last().and_then(|last| last.tomorrow().ok());
        html! {
            section aria-labelledby="t-dia" {
                h2 id="t-dia" { "2. ¿Cuándo?" }
                nav aria-label="Días" {
                    ul class="dias" {
                        @for one in &vista.dias {
                            li {
                                a href=(vista.ruta(Some(*one), None)) aria-current=[(*one == dia).then_some("date")] {
                                    span { (dia_corto(one.weekday())) } " " strong { (one.day()) } " " span { (mes_corto(*one)) }
                                }
                            }
                        }
                        @if let Some(after) = after { li { a href=(vista.ruta(Some(after), None)) { "Más días" } } }
                    }
                }
                @if vista.horas.is_empty() {
                    p { "Ese día no quedan horas libres." }
                } @else {
                    ul class="horas" {
                        @for hueco in &vista.horas {
                            li {
                                a href=(format!("{}#reserva", vista.ruta(Some(dia), Some(hueco.inicio))))
                                  aria-current=[vista.hora.as_ref().is_some_and(|hora| hora.inicio == hueco.inicio).then_some("time")] {
                                    (solo_hora(hueco.inicio, &vista.zona))
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn final_step(&self) -> Markup {
        let vista = self.0;
        let (Some(servicio), Some(hora)) = (&vista.elegido.servicio, &vista.hora) else { return html! {} };
        let medico = vista.elegido.medico.as_ref().map(|medico| medico.id).or(hora.medico_id);
        html! {
            section id="reserva" aria-labelledby="t-reserva"
                data-cadena=(vista.clave) data-sede=(vista.sede.sede_id) data-servicio=(servicio.id) data-inicio=(hora.inicio)
                data-medico=[medico] data-condiciones=(vista.sede.condiciones_version) data-otra=(vista.ruta(vista.dia, None)) {
                h2 id="t-reserva" { "3. Sus datos" }
                p { strong { (servicio.nombre) ": " (dia_y_hora(hora.inicio, &vista.zona)) } }
                noscript { p class="aviso" { "Para terminar la reserva, active JavaScript en su navegador o llame a la sede." } }
                p id="estado" role="status" aria-live="polite" {}
                p id="reloj" hidden {}
                p id="falla" class="aviso" role="alert" hidden {}
                form id="paso-correo" hidden {
                    @if vista.celular {
                        fieldset {
                            legend { "¿Dónde quiere el código?" }
                            label class="casilla" { input type="radio" name="canal" value="correo" checked; " En mi correo" }
                            label class="casilla" { input type="radio" name="canal" value="telefono"; " En mi celular" }
                        }
                    }
                    div id="por-correo" {
                        label for="correo" { "Su correo" }
                        input id="correo" name="correo" type="email" autocomplete="email" required maxlength="254";
                    }
                    @if vista.celular {
                        div id="por-telefono" hidden {
                            label for="celular" { "Su celular" }
                            input id="celular" name="celular" type="tel" autocomplete="tel" maxlength="30";
                        }
                    }
                    p class="nota" { "Le enviamos un código de seis cifras." }
                    button { "Enviar código" }
                }
                form id="paso-codigo" hidden {
                    label for="codigo" { "Código que le llegó" }
                    input id="codigo" name="codigo" inputmode="numeric" autocomplete="one-time-code" pattern="[0-9]{6}" maxlength="6" required;
                    button { "Comprobar" }
                    button type="button" id="otro-correo" class="sencillo" { @if vista.celular { "Pedirlo de otra manera" } @else { "Usar otro correo" } }
                }
                (self.datos())
                div id="hecho" hidden {
                    p id="hecho-texto" {}
                    p { a id="hecho-calendario" download="cita.ics" { "Agregar a mi calendario" } }
                    p { a id="hecho-gestion" { "Ver o anular la reserva" } }
                    @if let Some(texto) = &vista.sede.instrucciones { p { (texto) } }
                }
            }
        }
    }

    fn datos(&self) -> Markup {
        let sede = &self.0.sede;
        let especies: Vec<&str> =
            if sede.especies.is_empty() { vec!["perro", "gato"] } else { sede.especies.iter().map(String::as_str).collect() };
        html! {
            form id="paso-datos" hidden {
                fieldset id="mascotas" { legend { "¿Para quién es la cita?" } }
                fieldset id="mascota-nueva" {
                    legend { "Su mascota" }
                    label for="m-nombre" { "Nombre" }
                    input id="m-nombre" name="m-nombre" maxlength="80" autocomplete="off";
                    label for="m-especie" { "Especie" }
                    select id="m-especie" { @for especie in especies { option value=(especie) { (especie) } } }
                    label for="m-sexo" { "Sexo" }
                    select id="m-sexo" { option value="hembra" { "Hembra" } option value="macho" { "Macho" } option value="desconocido" { "No sé" } }
                }
                fieldset id="tutor" {
                    legend { "Usted" }
                    label for="t-nombres" { "Nombres" }
                    input id="t-nombres" autocomplete="given-name" maxlength="120";
                    label for="t-apellidos" { "Apellidos" }
                    input id="t-apellidos" autocomplete="family-name" maxlength="120";
                    div id="con-telefono" {
                        label for="t-telefono" { "Teléfono (opcional)" }
                        input id="t-telefono" type="tel" autocomplete="tel" maxlength="30";
                    }
                    div id="con-correo" hidden {
                        label for="t-correo" { "Correo (opcional)" }
                        input id="t-correo" type="email" autocomplete="email" maxlength="254";
                    }
                }
                label for="motivo" { "Motivo (opcional)" }
                textarea id="motivo" maxlength="500" rows="2" {}
                details { summary { "Condiciones" } p class="condiciones" { (sede.condiciones) } }
                label class="casilla" { input id="acepta" type="checkbox" required; " Leí y acepto las condiciones." }
                label class="casilla" { input id="recordatorios" type="checkbox"; " Quiero que me recuerden vacunas y controles." }
                button { @if sede.aprobar { "Pedir la cita" } @else { "Reservar" } }
            }
        }
    }
}

fn solo_cifras(phone: &str) -> String {
    phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect()
}

fn dia_corto(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => "lun",
        Weekday::Tuesday => "mar",
        Weekday::Wednesday => "mié",
        Weekday::Thursday => "jue",
        Weekday::Friday => "vie",
        Weekday::Saturday => "sáb",
        Weekday::Sunday => "dom",
    }
}

fn mes_corto(fecha: Date) -> &'static str {
    const MESES: [&str; 12] = ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "set", "oct", "nov", "dic"];
    MESES.get(usize::from(fecha.month().unsigned_abs()).saturating_sub(1)).copied().unwrap_or_default()
}
