//! A fact as it is said to a person.
use jiff::{Timestamp, civil::Date, tz};
use serde_json::Value;

const MESES: [&str; 12] =
    ["enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "setiembre", "octubre", "noviembre", "diciembre"];

/// The line of a fact; what nobody foresaw is shown as it is.
pub fn linea(puntero: &str, hecho: &Value) -> String {
    let text = |name: &str| hecho[name].as_str().unwrap_or_default();
    let list = puntero.split('/').nth(1).unwrap_or_default();
    if hecho.is_null() {
        return format!("Un dato que ya no se encuentra ({puntero})");
    }
    match list {
        "vacunas" => format!("Vacuna «{}», {}{}", text("producto"), dia(text("fecha")), afuera(hecho)),
        "desparasitaciones" => {
            format!("Desparasitación {} con «{}», {}{}", text("alcance"), text("producto"), dia(text("fecha")), afuera(hecho))
        }
        "problemas" => format!("Problema «{}»{}", text("nombre"), periodo(text("desde"), text("hasta"))),
        "alergias" => format!("Alergia a «{}»{}", text("a"), periodo(text("desde"), text("hasta"))),
        "tratamientos" => {
            format!("Tratamiento con «{}», {}{}", text("farmaco"), text("dosis"), periodo(text("desde"), text("hasta")))
        }
        "pesos" => format!("Peso: {} kg, {}", hecho["kg"], momento(text("en"))),
        "mascota" => de_mascota(puntero, hecho),
        _ => format!("{}: {hecho}", puntero.trim_start_matches('/')),
    }
}

fn de_mascota(puntero: &str, hecho: &Value) -> String {
    let value = hecho.as_str().map_or_else(|| hecho.to_string(), str::to_owned);
    match puntero.split('/').nth(2).unwrap_or_default() {
        "nacimiento" => format!("Nació el {}", dia(&value)),
        "fallecida_en" => format!("Falleció el {}", dia(&value)),
        "nacimiento_estimado" => "Su fecha de nacimiento es aproximada".into(),
        "esterilizado" if hecho == &Value::Bool(true) => "Está esterilizada".into(),
        "esterilizado" => "No está esterilizada".into(),
        "" => "La ficha de la mascota".into(),
        name => format!("{}: {value}", name.replace('_', " ")),
    }
}

fn afuera(hecho: &Value) -> &'static str {
    if hecho["anterior"] == true { ", en otro lugar" } else { "" }
}

fn periodo(desde: &str, hasta: &str) -> String {
    let until = if hasta.is_empty() { String::new() } else { format!(" hasta el {}", dia(hasta)) };
    format!(", desde el {}{until}", dia(desde))
}

/// `10 de enero de 2026`
fn dia(text: &str) -> String {
    let Ok(date) = text.parse::<Date>() else { return text.to_owned() };
    let month = MESES.get(usize::try_from(date.month() - 1).unwrap_or_default()).copied().unwrap_or_default();
    format!("{} de {month} de {}", date.day(), date.year())
}

/// The day of an instant, in Peru.
fn momento(text: &str) -> String {
    text.parse::<Timestamp>().map_or_else(|_| text.to_owned(), |at| dia(&tz::offset(-5).to_datetime(at).date().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case("/vacunas/3", json!({ "producto": "Quíntuple", "fecha": "2026-01-10", "anterior": true }), "Vacuna «Quíntuple», 10 de enero de 2026, en otro lugar")]
    #[case("/desparasitaciones/0", json!({ "producto": "Drontal", "alcance": "interna", "fecha": "2026-09-01" }), "Desparasitación interna con «Drontal», 1 de setiembre de 2026")]
    #[case("/problemas/0", json!({ "nombre": "ERC", "desde": "2025-12-31" }), "Problema «ERC», desde el 31 de diciembre de 2025")]
    #[case("/alergias/1", json!({ "a": "Pollo", "desde": "2025-12-31", "hasta": "2026-01-01" }), "Alergia a «Pollo», desde el 31 de diciembre de 2025 hasta el 1 de enero de 2026")]
    #[case("/tratamientos/0", json!({ "farmaco": "Enalapril", "dosis": "1 tableta", "desde": "2026-02-03" }), "Tratamiento con «Enalapril», 1 tableta, desde el 3 de febrero de 2026")]
    #[case("/pesos/0", json!({ "kg": 4.2, "en": "2026-03-02T03:00:00Z" }), "Peso: 4.2 kg, 1 de marzo de 2026")]
    #[case("/mascota/nacimiento", json!("2026-01-05"), "Nació el 5 de enero de 2026")]
    #[case("/mascota/esterilizado", json!(false), "No está esterilizada")]
    #[case("/nuevo/0", json!(1), "nuevo/0: 1")]
    #[case("/vacunas/9", json!(null), "Un dato que ya no se encuentra (/vacunas/9)")]
    fn as_it_is_said(#[case] puntero: &str, #[case] hecho: Value, #[case] expected: &str) {
        assert_eq!(linea(puntero, &hecho), expected);
    }
}
