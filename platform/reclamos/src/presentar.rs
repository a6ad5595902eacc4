//! Leaving a sheet: once, however often it is sent, with a number, a copy and a clock.
use crate::{
    model::{Establecimiento, Falta, Formulario, Hoja, Plazo, Presentada, Reclamo, Registro, Tipo, codigo, dia},
    store::{self, Usado},
};
use jiff::{SignedDuration, ToSpan, civil::Date};
use kernel::{Change, Correo, Destino, Event, FieldError, Problem, Tx, ids::SedeId, problem::kinds, token};
use serde_json::json;
use std::net::{IpAddr, Ipv6Addr};
use uuid::Uuid;

/// Begins every consumer's link.
pub const ENLACE: &str = "hl_";
const HORA: SignedDuration = SignedDuration::from_hours(1);
/// A tablet at the desk leaves many sheets from one address; nobody leaves ten in an hour.
const POR_RED: i64 = 10;
/// Each sheet is a letter to this address.
const POR_CORREO: i64 = 5;
/// Fifteen working days are no more days than these, whatever the holidays.
const LEJOS: i64 = 90;

/// The network that a request comes from, so that it can be counted and not read: one customer of a provider usually
/// holds a whole /64.
fn red(tx: &Tx) -> Vec<u8> {
    let network = tx.who().origin.as_ref().map(|origin| match origin.ip.to_canonical() {
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << 64))),
        v4 => v4,
    });
    tx.blind_index("red", &network.map(|network| network.to_string()).unwrap_or_default())
}

pub fn ruta(enlace: &str) -> String {
    format!("/libro-de-reclamaciones/-/{enlace}")
}

/// Answers the consumer's link. The same form with the same words is the same sheet; with others, as on the next one's
/// screen of a shared tablet, it is another sheet with a link of its own.
pub async fn presentar(tx: &mut Tx, sede: &Establecimiento, form: &Formulario, presentada: &Presentada) -> Result<String, Problem> {
    let tenant = tx.who().tenant;
    let words = serde_json::to_string(&(sede.id, presentada.tipo, &presentada.hoja)).map_err(Problem::internal)?;
    let (contenido, red) = (tx.blind_index("reclamo_contenido", &words), red(tx));
    store::lock_network(tx, &red).await?;
    let given = token::read(ENLACE, &form.enlace).filter(|(of, _)| *of == tenant).map(|(_, resumen)| (form.enlace.clone(), resumen));
    let (enlace, resumen) = match given {
        None => token::make(ENLACE, tenant),
        Some((enlace, resumen)) => match store::usado(tx, &resumen).await? {
            None => (enlace, resumen),
            Some(Usado { contenido: Some(before) }) if before == contenido => return Ok(enlace),
            Some(_) => token::make(ENLACE, tenant),
        },
    };
    let correo = presentada.hoja.consumidor.correo.as_deref().map(|correo| tx.blind_index("correo", correo));
    let (of_network, of_address) = store::presentadas_desde(tx, &red, correo.as_deref(), tx.now() - HORA).await?;
    if of_network >= POR_RED || of_address >= POR_CORREO {
        return Err(Problem::new(kinds::TOO_MANY).retry_after(HORA.as_secs().unsigned_abs()));
    }
    let fecha = sede.zona.to_datetime(tx.now()).date();
    let feriados = store::feriados(tx, &[sede.id], fecha, fecha.saturating_add(LEJOS.days())).await?.remove(&sede.id).unwrap_or_default();
    let plazo = Plazo::desde(fecha, &feriados);
    let Presentada { tipo, hoja } = presentada;
    let id = Uuid::now_v7();
    let registro = Registro { id, sede, tipo: *tipo, fecha, plazo, hoja, enlace: &resumen, contenido: &contenido, red: &red };
    let codigo = codigo(store::insert(tx, &registro).await?, fecha.year().into());
    anotar(tx, &registro, &codigo);
    copiar(tx, sede, &Copia { id, tipo: *tipo, codigo: &codigo, fecha, vence_el: plazo.vence, hoja, enlace: &enlace }).await?;
    Ok(enlace)
}

/// A sheet for a sede that its caller filled in, as the page would: what is wrong is named by its fields.
pub async fn dejar(tx: &mut Tx, sede: SedeId, form: &Formulario) -> Result<(), Problem> {
    let named = |faltas: Vec<Falta>| faltas.into_iter().map(|(campo, why)| FieldError::new(format!("/{campo}"), why)).collect();
    let presentada = form.leer().map_err(|faltas| Problem::invalid(named(faltas)))?;
    let establecimiento = store::establecimientos(tx).await?.into_iter().find(|one| one.id == sede).ok_or_else(Problem::not_found)?;
    presentar(tx, &establecimiento, form, &presentada).await.map(drop)
}

/// The audit tells of the sheet and of nothing that was written in it.
fn anotar(tx: &mut Tx, registro: &Registro<'_>, codigo: &str) {
    let Registro { id, sede, tipo, plazo, .. } = registro;
    let said = json!({ "codigo": codigo, "tipo": tipo, "vence_el": plazo.vence });
    tx.audit(Change::new("presentar", "reclamo", *id).sede(sede.id).despues(said));
    let told = json!({ "reclamo_id": id, "sede_id": sede.id, "codigo": codigo, "tipo": tipo, "vence_el": plazo.vence });
    tx.publish(Event::new("reclamo.presentado", told).sede(sede.id));
}

struct Copia<'a> {
    id: Uuid,
    tipo: Tipo,
    codigo: &'a str,
    fecha: Date,
    vence_el: Date,
    hoja: &'a Hoja,
    enlace: &'a str,
}

/// A copy of the sheet to whoever left an e-mail, in the same transaction.
async fn copiar(tx: &mut Tx, sede: &Establecimiento, copia: &Copia<'_>) -> Result<(), Problem> {
    let Some(correo) = &copia.hoja.consumidor.correo else { return Ok(()) };
    let datos = json!({
        "consumidor": copia.hoja.consumidor.nombre,
        "codigo": copia.codigo,
        "clase": copia.tipo.nombre(),
        "fecha": dia(copia.fecha),
        "vence": dia(copia.vence_el),
        "hoja": copia.hoja.lineas(&sede.proveedor),
        "ruta": ruta(copia.enlace),
    });
    let letter = Correo::new("reclamo_hoja", copia.id.to_string(), Destino::Direccion(correo.clone())).sede(sede.id).datos(datos);
    tx.enviar(&letter).await.map(drop)
}

/// The answer by e-mail, if there is one to write to.
pub async fn comunicar(tx: &mut Tx, reclamo: &Reclamo) -> Result<(), Problem> {
    let (Some(correo), Some(respuesta)) = (&reclamo.hoja.consumidor.correo, &reclamo.respuesta) else { return Ok(()) };
    let datos = json!({
        "consumidor": reclamo.hoja.consumidor.nombre,
        "codigo": reclamo.codigo,
        "clase": reclamo.tipo.nombre(),
        "fecha": dia(reclamo.fecha),
        "respuesta": respuesta,
    });
    let letter = Correo::new("reclamo_respuesta", reclamo.id.to_string(), Destino::Direccion(correo.clone()));
    tx.enviar(&letter.sede(reclamo.sede_id).datos(datos)).await.map(drop)
}
