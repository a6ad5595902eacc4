//! Past vaccinations, and past visits as text.
use super::{Corrida, Fila, Salida, paciente::repartir};
use crate::{
    model::{ErrorDeFila, Tipo},
    valores,
};
use historias::FichaAntecedente;
use jiff::civil::Date;
use kernel::{Problem, Tx, ids::AntecedenteId};
use serde_json::{Value, json};

pub async fn lote(corrida: &mut Corrida, tx: &mut Tx, filas: &[Fila]) -> Result<Salida, Problem> {
    let hoy = valores::hoy(tx.now());
    // Keys of two kinds: a visit and a vaccination may have one number in the other system.
    let (salida, nuevos) = if corrida.importacion.tipo == Tipo::Vacunas {
        repartir(corrida, tx, filas, ("antecedente", "vacuna"), |corrida, fila| vacuna(corrida, fila, hoy)).await?
    } else {
        repartir(corrida, tx, filas, ("antecedente", "visita"), |corrida, fila| visita(corrida, fila, hoy)).await?
    };
    if !corrida.probar {
        let nuevos = nuevos.into_iter().map(|(id, mascota, ficha)| (AntecedenteId(id), mascota, ficha));
        historias::traer_antecedentes(tx, nuevos.collect()).await?;
    }
    Ok(salida)
}

/// The day of a field: none where there is no cell, a fault where it is no day.
fn dia(corrida: &Corrida, fila: &Fila, campo: &str) -> Result<Option<Date>, ErrorDeFila> {
    let Some(text) = corrida.lector.get(fila, campo) else { return Ok(None) };
    let fecha = valores::fecha(text, corrida.importacion.opciones.fechas);
    fecha.map(Some).ok_or_else(|| corrida.lector.error(campo, "no es una fecha, como 31/12/2020"))
}

fn vacuna(corrida: &Corrida, fila: &Fila, hoy: Date) -> Result<FichaAntecedente, Vec<ErrorDeFila>> {
    let get = |campo: &str| corrida.lector.get(fila, campo);
    let datos = json!({
        "tipo": "vacuna", "titulo": get("vacuna"), "lote": get("lote"), "texto": get("notas"), "profesional": get("profesional"),
    });
    revisar(corrida, fila, datos, hoy, |pointer| match pointer {
        "/titulo" => "vacuna",
        "/lote" => "lote",
        "/texto" => "notas",
        "/profesional" => "profesional",
        "/proxima" => "proxima",
        _ => "fecha",
    })
}

fn visita(corrida: &Corrida, fila: &Fila, hoy: Date) -> Result<FichaAntecedente, Vec<ErrorDeFila>> {
    let get = |campo: &str| corrida.lector.get(fila, campo);
    let titulo = get("motivo").unwrap_or("Consulta");
    let datos = json!({ "tipo": "visita", "titulo": titulo, "texto": get("texto"), "profesional": get("profesional") });
    revisar(corrida, fila, datos, hoy, |pointer| match pointer {
        "/titulo" => "motivo",
        "/texto" => "texto",
        "/profesional" => "profesional",
        _ => "fecha",
    })
}

fn revisar(
    corrida: &Corrida,
    fila: &Fila,
    mut datos: Value,
    hoy: Date,
    campo: impl Fn(&str) -> &'static str,
) -> Result<FichaAntecedente, Vec<ErrorDeFila>> {
    let mut errores = Vec::new();
    for name in ["fecha", "proxima"] {
        match dia(corrida, fila, name) {
            Ok(fecha) => datos[name] = json!(fecha),
            Err(error) => errores.push(error),
        }
    }
    // What nothing is said about is absent, not null: a field that is required says so itself.
    datos.as_object_mut().into_iter().for_each(|fields| fields.retain(|_, value| !value.is_null()));
    match historias::revisar_antecedente(datos, hoy) {
        Ok(ficha) if errores.is_empty() => Ok(ficha),
        Ok(_) => Err(errores),
        Err(errors) => {
            let told: Vec<Option<String>> = errores.iter().map(|one| one.campo.clone()).collect();
            errores.extend(corrida.lector.errores(errors, campo).into_iter().filter(|one| !told.contains(&one.campo)));
            Err(errores)
        }
    }
}
