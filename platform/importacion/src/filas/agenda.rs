//! Appointments ahead: booked as somebody at the desk would book them, one after the other.
use super::{
    Corrida, Fila, Lectura, Registro, Salida,
    paciente::{Paciente, Pacientes},
};
use crate::{
    model::{AgendaRenovada, ErrorDeFila},
    store::{self, Lugares},
    valores,
};
use citas::NuevaCita;
use kernel::{
    Problem, Tx,
    ids::{ImportacionId, MascotaId, SedeId},
    text,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub async fn lote(corrida: &mut Corrida, tx: &mut Tx, filas: &[Fila]) -> Result<Salida, Problem> {
    let (mut salida, mut candidatas) = (Salida::default(), Vec::new());
    let (lectura, lugares) = (corrida.lectura.clone(), store::lugares(tx).await?);
    for fila in filas {
        match (leer(&lectura, &lugares, fila), Paciente::leer(&lectura, fila)) {
            (Ok(datos), Ok(paciente)) => candidatas.push((fila.numero, datos, paciente, lectura.clave_de_fila("cita", fila))),
            (datos, paciente) => salida.mala(fila.numero, datos.err().into_iter().chain(paciente.err()).flatten().collect()),
        }
    }
    let claves: Vec<Vec<u8>> = candidatas.iter().map(|(.., clave)| clave.clone()).collect();
    let sabidas = store::claves(tx, "cita", &claves).await?;
    let pacientes = Pacientes::load(tx, candidatas.iter().map(|(_, _, paciente, _)| paciente)).await?;
    let mut renovadas = BTreeMap::new();
    for (fila, datos, paciente, clave) in candidatas {
        if sabidas.contains_key(&clave) || corrida.vista(&clave) {
            salida.omitida(None);
            continue;
        }
        let reservada = match pacientes.find(corrida, &paciente) {
            Err(error) => Err(vec![error]),
            Ok(mascota) => reservar(corrida, tx, datos, mascota).await?,
        };
        match reservada {
            Err(errores) => salida.mala(fila, errores),
            Ok(cita) => {
                corrida.recordar(&clave, cita.id);
                contar(&mut renovadas, corrida.importacion().id, &cita);
                let registro = Registro { version: cita.version, ..Registro::new(fila, "cita", cita.id, "creado", Some(clave)) };
                salida.nueva(registro);
            }
        }
    }
    renovadas.values().for_each(|renovada: &AgendaRenovada| tx.publish(renovada.evento()));
    Ok(salida)
}

/// One more of its sede.
fn contar(renovadas: &mut BTreeMap<SedeId, AgendaRenovada>, importacion_id: ImportacionId, cita: &citas::Cita) {
    let (sede_id, inicio) = (cita.sede_id, cita.inicio);
    let one = || AgendaRenovada { importacion_id, sede_id, citas: 0, desde: inicio, hasta: inicio, deshecha: false };
    let renovada = renovadas.entry(sede_id).or_insert_with(one);
    renovada.citas += 1;
    renovada.desde = renovada.desde.min(inicio);
    renovada.hasta = renovada.hasta.max(inicio);
}

/// Books it, or says what the agenda says against it. What a refused booking did is taken back alone.
async fn reservar(
    corrida: &Corrida,
    tx: &mut Tx,
    mut datos: Value,
    mascota: MascotaId,
) -> Result<Result<citas::Cita, Vec<ErrorDeFila>>, Problem> {
    datos["mascota_id"] = json!(mascota);
    let nueva: NuevaCita = serde_json::from_value(datos).map_err(Problem::internal)?;
    tx.mark().await?;
    match citas::traer(tx, nueva).await {
        Ok(cita) => Ok(Ok(cita)),
        Err(problem) if problem.status().is_client_error() => {
            tx.back_to_mark().await?;
            Ok(Err(against(corrida, &problem)))
        }
        Err(problem) => Err(problem),
    }
}

/// All that a refusal says, on one line.
fn against(corrida: &Corrida, problem: &Problem) -> Vec<ErrorDeFila> {
    let told = serde_json::to_value(problem).unwrap_or_default();
    let texts = |list: &str, field: &str| -> Vec<String> {
        let items = told[list].as_array().into_iter().flatten();
        items.filter_map(|item| item[field].as_str()).map(str::to_owned).collect()
    };
    let mut said: Vec<String> = ["title", "detail"].iter().filter_map(|part| told[part].as_str()).map(str::to_owned).collect();
    said.extend(texts("errors", "detail"));
    said.extend(texts("impedimentos", "detail"));
    let busy = told["conflictos"].as_array().into_iter().flatten();
    said.extend(busy.filter_map(|one| {
        let (recurso, desde, hasta) = (one["recurso"].as_str()?, one["inicio"].as_str()?, one["fin"].as_str()?);
        Some(format!("{recurso} ocupado de {} a {}", valores::en_palabras(desde), valores::en_palabras(hasta)))
    }));
    said.dedup();
    vec![corrida.error("fecha", said.join(" · "))]
}

/// Where, with whom, for what and when; the pet is looked up with those of the other rows.
fn leer(lectura: &Lectura, lugares: &Lugares, fila: &Fila) -> Result<Value, Vec<ErrorDeFila>> {
    let lector = &lectura.lector;
    let get = |campo: &str| lector.get(fila, campo);
    let mut errores = Vec::new();
    let mut one = |campo: &'static str, found: Option<Option<uuid::Uuid>>, detail: &str| match found {
        Some(Some(id)) => Some(id),
        Some(None) => {
            errores.push(lector.error(campo, detail));
            None
        }
        None => None,
    };
    let sede_dicha = get("sede").map(|said| lugares.sede(&text::words(said))).or_else(|| Some(lugares.unica_sede()));
    let sede = one("sede", sede_dicha, "no es una sede donde usted pueda importar");
    let servicio =
        one("servicio", Some(get("servicio").and_then(|said| lugares.servicio(&text::words(said)))), "no es un servicio de esta cadena");
    let medico = one("medico", get("medico").map(|said| lugares.medico(&text::words(said))), "no es un médico de esta cadena");
    let fechas = lectura.importacion.opciones.fechas;
    let momento = get("fecha").and_then(|dia| match get("hora") {
        Some(hora) => Some(valores::fecha(dia, fechas)?.to_datetime(valores::hora(hora)?)),
        None => valores::momento(dia, fechas),
    });
    let inicio = momento.zip(sede).and_then(|(momento, sede)| lugares.instante(sede, momento));
    if momento.is_none() {
        errores.push(lector.error("fecha", "no es una fecha con hora, como 31/12/2026 y 9:30"));
    }
    match (sede, servicio, inicio) {
        (Some(sede), Some(servicio), Some(inicio)) if errores.is_empty() => {
            Ok(json!({ "sede_id": sede, "servicio_id": servicio, "medico_id": medico, "inicio": inicio, "motivo": get("motivo") }))
        }
        _ => Err(errores),
    }
}
