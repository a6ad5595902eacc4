//! Writing one letter: to whom it goes, what it says, and whether it is still of use.
use crate::{
    enviar::host,
    model::{CitaActual, Cuando, DatosAjustes, Partes, Tipo, escribir, fecha, hora},
    planear::DeCita,
    responder::enlazar,
    store::{
        ajustes, citas, plantillas,
        sedes::{self, Contacto},
    },
};
use kernel::{
    Correo, Destino, Problem, Tx,
    ports::{Invitation, Mail},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// What became of a letter that was asked for.
pub enum Carta {
    Lista(Box<Mail>),
    /// Of no use any more, and why.
    Sobra(&'static str),
    /// Not now, and why.
    Espera(&'static str),
}

/// What surrounds every letter.
struct Marco<'a> {
    publica: &'a str,
    sede: Contacto,
    ajustes: DatosAjustes,
}

impl Marco<'_> {
    /// Where answers go that are written by hand.
    fn responder_a(&self) -> String {
        self.ajustes.responder_a.clone().unwrap_or_else(|| format!("no-responder@{}", host(self.publica)))
    }
    fn datos(&self) -> [(&'static str, &str); 4] {
        let Contacto { cadena, nombre, direccion, telefono, .. } = &self.sede;
        [("cadena", cadena), ("sede", nombre), ("direccion", direccion), ("telefono", telefono)]
    }
}

/// To whom a letter goes, and what it brings.
struct Sobre {
    to: String,
    invitation: Option<Invitation>,
}

pub async fn preparar(tx: &mut Tx, publica: &str, tipo: Tipo, correo: &Correo) -> Result<Carta, Problem> {
    if correo.vence.is_some_and(|vence| vence <= tx.now()) {
        return Ok(Carta::Sobra("venció antes de salir"));
    }
    let sede = match correo.sede {
        Some(sede) => sedes::contacto(tx, sede).await?,
        None => sedes::de_la_cadena(tx).await?,
    };
    let marco = Marco { publica, sede, ajustes: ajustes::get(tx).await?.datos };
    if tipo == Tipo::CitaRecordatorio && marco.ajustes.en_silencio(marco.sede.zona.to_datetime(tx.now()).time()) {
        return Ok(Carta::Espera("espera a que pasen las horas de silencio"));
    }
    let mut datos = correo.datos.as_object().cloned().unwrap_or_default();
    let sobre = if tipo.es_de_cita() {
        let about = DeCita::deserialize(&correo.datos).map_err(Problem::internal)?;
        de_cita(tx, &marco, tipo, about, &mut datos).await?
    } else {
        direccion(tx, &correo.destino).await?.map(|to| Sobre { to, invitation: None }).ok_or(SIN_CORREO)
    };
    let Sobre { to, invitation } = match sobre {
        Ok(sobre) => sobre,
        Err(why) => return Ok(Carta::Sobra(why)),
    };
    datos.extend(marco.datos().map(|(name, value)| (name.to_owned(), json!(value))));
    let written = escrita(tx, tipo, &datos).await?;
    let mail = Mail {
        html: Some(written.html),
        from_name: Some(marco.ajustes.remitente.unwrap_or(marco.sede.cadena)),
        reply_to: marco.ajustes.responder_a,
        invitation,
        ..Mail::plain(to, written.asunto, written.texto)
    };
    Ok(Carta::Lista(Box::new(mail)))
}

const SIN_CORREO: &str = "el tutor no tiene correo";

/// In the chain's words; should they fail on this data, in the platform's.
async fn escrita(tx: &mut Tx, tipo: Tipo, datos: &Map<String, Value>) -> Result<Partes, Problem> {
    let own = plantillas::get(tx, tipo).await?.partes;
    escribir(&own, datos)
        .or_else(|error| {
            tracing::warn!(tipo = tipo.clave(), linea = error.line(), "a chain's template failed");
            escribir(tipo.base(), datos)
        })
        .map_err(Problem::internal)
}

async fn direccion(tx: &mut Tx, destino: &Destino) -> Result<Option<String>, Problem> {
    Ok(match destino {
        Destino::Direccion(direccion) => Some(direccion.clone()),
        Destino::Tutor(tutor) => pacientes::contacto(tx, *tutor).await?.and_then(|contacto| contacto.correo),
    })
}

/// Where a letter about an appointment goes, and what it says of it, as long as it is what the owner does not know yet.
async fn de_cita(
    tx: &mut Tx,
    marco: &Marco<'_>,
    tipo: Tipo,
    about: DeCita,
    datos: &mut Map<String, Value>,
) -> Result<Result<Sobre, &'static str>, Problem> {
    let Some(cita) = citas::actual(tx, about.cita).await? else { return Ok(Err("la cita ya no existe")) };
    let expected = if tipo == Tipo::CitaAnulada { Cuando::Anulada } else { Cuando::PorVenir };
    let told = match about.version {
        Some(version) => citas::avisada(tx, about.cita).await?.is_some_and(|told| told.avisada == version),
        None => about.inicio == Some(cita.inicio),
    };
    if cita.cuando(tx.now()) != expected || !told {
        return Ok(Err("la cita cambió, se anuló o pasó"));
    }
    let Some(contacto) = pacientes::contacto_de_mascota(tx, cita.mascota).await? else { return Ok(Err(SIN_CORREO)) };
    let Some(to) = contacto.correo else { return Ok(Err(SIN_CORREO)) };
    let enlace = match tipo.con_enlace() {
        true => Some(enlazar(tx, marco.publica, cita.id, contacto.tutor).await?),
        false => None,
    };
    let dates = match cita.serie {
        Some(serie) => citas::fechas_de_la_serie(tx, serie, cita.inicio).await?,
        None => Vec::new(),
    };
    let zona = &marco.sede.zona;
    let dates: Vec<String> = dates.into_iter().map(|at| format!("{}, {}", fecha(at, zona), hora(at, zona))).collect();
    let said = [
        ("tutor", json!(contacto.nombre)),
        ("mascota", json!(cita.nombre_mascota)),
        ("medico", json!(cita.nombre_medico)),
        ("servicio", json!(cita.servicio)),
        ("fecha", json!(fecha(cita.inicio, zona))),
        ("hora", json!(hora(cita.inicio, zona))),
        ("fechas_de_la_serie", json!(dates)),
        ("enlace", json!(enlace)),
    ];
    datos.extend(said.map(|(name, value)| (name.to_owned(), value)));
    let invitation = Some(invitacion(tx, marco, &cita, &to, enlace.as_deref()));
    Ok(Ok(Sobre { to, invitation }))
}

/// For the owner's own calendar.
fn invitacion(tx: &Tx, marco: &Marco<'_>, cita: &CitaActual, to: &str, enlace: Option<&str>) -> Invitation {
    let lugar = format!("{}, {}", marco.sede.nombre, marco.sede.direccion);
    let organizador = marco.responder_a();
    let invitacion = ::citas::Invitacion {
        id: cita.id,
        version: cita.version,
        inicio: cita.inicio,
        fin: cita.fin,
        anulada: cita.estado == "anulada",
        en: tx.now(),
        mascota: &cita.nombre_mascota,
        lugar: &lugar,
        cadena: &marco.sede.cadena,
        organizador: &organizador,
        invitado: to,
        enlace,
    };
    Invitation { method: invitacion.metodo(), text: invitacion.en_texto() }
}
