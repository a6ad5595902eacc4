//! Past vaccinations, and past visits as text.
use super::{
    Corrida, Fila, Lectura, Leida, Salida,
    paciente::{self, repartir},
};
use crate::{model::ErrorDeFila, valores};
use historias::FichaAntecedente;
use jiff::civil::Date;
use kernel::{Problem, Tx, ids::AntecedenteId};
use serde_json::{Value, json};

pub type Candidato = paciente::Candidato<FichaAntecedente>;

pub async fn lote(corrida: &mut Corrida, tx: &mut Tx, leidas: Vec<Leida<Candidato>>) -> Result<Salida, Problem> {
    let (salida, nuevos) = repartir(corrida, tx, leidas, "antecedente").await?;
    if !corrida.probar {
        let nuevos = nuevos.into_iter().map(|(id, mascota, ficha)| (AntecedenteId(id), mascota, ficha));
        historias::traer_antecedentes(tx, nuevos.collect()).await?;
    }
    Ok(salida)
}

/// The day of a field: none where there is no cell, a fault where it is no day.
fn dia(lectura: &Lectura, fila: &Fila, campo: &str) -> Result<Option<Date>, ErrorDeFila> {
    let Some(text) = lectura.get(fila, campo) else { return Ok(None) };
    let fecha = valores::fecha(text, lectura.importacion.opciones.fechas);
    fecha.map(Some).ok_or_else(|| lectura.error(campo, "no es una fecha, como 31/12/2020"))
}

// Keys of two kinds: a visit and a vaccination may have one number in the other system.
pub fn vacuna(lectura: &Lectura, fila: &Fila) -> Result<Candidato, Vec<ErrorDeFila>> {
    let get = |campo: &str| lectura.get(fila, campo);
    let datos = json!({
        "tipo": "vacuna", "titulo": get("vacuna"), "lote": get("lote"), "texto": get("notas"), "profesional": get("profesional"),
    });
    let ficha = revisar(lectura, fila, datos, |pointer| match pointer {
        "/titulo" => "vacuna",
        "/lote" => "lote",
        "/texto" => "notas",
        "/profesional" => "profesional",
        "/proxima" => "proxima",
        _ => "fecha",
    });
    Candidato::leer(lectura, fila, "vacuna", ficha)
}

pub fn visita(lectura: &Lectura, fila: &Fila) -> Result<Candidato, Vec<ErrorDeFila>> {
    let get = |campo: &str| lectura.get(fila, campo);
    let titulo = get("motivo").unwrap_or("Consulta");
    let datos = json!({ "tipo": "visita", "titulo": titulo, "texto": get("texto"), "profesional": get("profesional") });
    let ficha = revisar(lectura, fila, datos, |pointer| match pointer {
        "/titulo" => "motivo",
        "/texto" => "texto",
        "/profesional" => "profesional",
        _ => "fecha",
    });
    Candidato::leer(lectura, fila, "visita", ficha)
}

fn revisar(
    lectura: &Lectura,
    fila: &Fila,
    mut datos: Value,
    campo: impl Fn(&str) -> &'static str,
) -> Result<FichaAntecedente, Vec<ErrorDeFila>> {
    let mut errores = Vec::new();
    for name in ["fecha", "proxima"] {
        match dia(lectura, fila, name) {
            Ok(fecha) => datos[name] = json!(fecha),
            Err(error) => errores.push(error),
        }
    }
    // What nothing is said about is absent, not null: a field that is required says so itself.
    datos.as_object_mut().into_iter().for_each(|fields| fields.retain(|_, value| !value.is_null()));
    match historias::revisar_antecedente(datos, lectura.hoy()) {
        Ok(ficha) if errores.is_empty() => Ok(ficha),
        Ok(_) => Err(errores),
        Err(errors) => {
            let told: Vec<Option<String>> = errores.iter().map(|one| one.campo.clone()).collect();
            errores.extend(lectura.lector.errores(errors, campo).into_iter().filter(|one| !told.contains(&one.campo)));
            Err(errores)
        }
    }
}
