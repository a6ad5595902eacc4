//! Weights that were taken elsewhere.
use super::{
    Corrida, Fila, Lectura, Leida, Salida,
    paciente::{self, repartir},
};
use crate::{model::ErrorDeFila, valores};
use jiff::Timestamp;
use kernel::{Problem, Tx, ids::PesoId};
use pacientes::Pesada;

/// When, and how many grams.
pub type Candidato = paciente::Candidato<(Timestamp, i32)>;

pub async fn lote(corrida: &mut Corrida, tx: &mut Tx, leidas: Vec<Leida<Candidato>>) -> Result<Salida, Problem> {
    let (salida, nuevos) = repartir(corrida, tx, leidas, "peso").await?;
    if !corrida.probar {
        let pesada = |(id, mascota, (en, gramos))| Pesada { id: PesoId(id), mascota, en, gramos };
        pacientes::pesar(tx, &nuevos.into_iter().map(pesada).collect::<Vec<_>>()).await?;
    }
    Ok(salida)
}

pub fn leer(lectura: &Lectura, fila: &Fila) -> Result<Candidato, Vec<ErrorDeFila>> {
    Candidato::leer(lectura, fila, "peso", pesada(lectura, fila))
}

fn pesada(lectura: &Lectura, fila: &Fila) -> Result<(Timestamp, i32), Vec<ErrorDeFila>> {
    let (lector, now) = (&lectura.lector, lectura.ahora);
    let mut errores = Vec::new();
    let fechas = lectura.importacion.opciones.fechas;
    let en = lector.get(fila, "fecha").and_then(|dia| {
        let moment = valores::momento(dia, fechas).map(valores::en_lima);
        moment.or_else(|| valores::fecha(dia, fechas).map(|fecha| if fecha == valores::hoy(now) { now } else { valores::mediodia(fecha) }))
    });
    if en.is_none() {
        errores.push(lector.error("fecha", "no es una fecha, como 31/12/2020"));
    }
    let kg = lector.get(fila, "kg").and_then(valores::numero);
    if kg.is_none() {
        errores.push(lector.error("kg", "no es un número de kilos"));
    }
    let (Some(en), Some(kg)) = (en, kg) else { return Err(errores) };
    let campo = |pointer: &str| if pointer == "/kg" { "kg" } else { "fecha" };
    pacientes::revisar_peso(kg, en, now).map(|gramos| (en, gramos)).map_err(|errors| lector.errores(errors, campo))
}
