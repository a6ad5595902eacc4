//! Writing one message: whom it is for, what it says on each channel, and whether it is still of use.
use crate::{
    canales::Saliente,
    enviar::host,
    escalera::DeSalud,
    model::{CitaActual, Cuando, DatosAjustes, Partes, Tipo, escribir, fecha, hora},
    planear::DeCita,
    responder::{BOTONES, abotonar, enlazar},
    store::{
        ajustes, citas, cortas, plantillas,
        sedes::{self, Contacto},
    },
};
use jiff::{Timestamp, tz::TimeZone};
use kernel::{
    Correo, Destino, Problem, Tx,
    ids::{CitaId, OfertaId, TutorId},
    ports::{Invitation, Mail},
};
use pacientes::Medio;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// What became of a message that was asked for.
pub enum Carta {
    Lista(Box<Lista>),
    /// Of no use any more, and why.
    Sobra(&'static str),
    /// Not now, and why.
    Espera(&'static str),
}

/// A message that can be written on any channel.
pub struct Lista {
    tipo: Tipo,
    pub para: Para,
    pub ajustes: DatosAjustes,
    publica: String,
    sede: Contacto,
    datos: Map<String, Value>,
    cita: Option<CitaActual>,
    enlace: Option<String>,
}

/// Whom a message is for.
pub enum Para {
    Tutor(pacientes::Contacto),
    Direccion(String),
}

/// What surrounds every message.
struct Marco<'a> {
    publica: &'a str,
    sede: Contacto,
    ajustes: DatosAjustes,
}

impl Lista {
    /// Where answers go that are written by hand.
    fn responder_a(&self) -> String {
        self.ajustes.responder_a.clone().unwrap_or_else(|| format!("no-responder@{}", host(&self.publica)))
    }
}

/// Whom a message is for, and what of it is about an appointment.
struct Sobre {
    para: Para,
    cita: Option<CitaActual>,
    enlace: Option<String>,
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
    if tipo.puede_esperar() && marco.ajustes.en_silencio(marco.sede.zona.to_datetime(tx.now()).time()) {
        return Ok(Carta::Espera("espera a que pasen las horas de silencio"));
    }
    let mut datos = correo.datos.as_object().cloned().unwrap_or_default();
    let sobre = if tipo.es_de_cita() {
        let about = DeCita::deserialize(&correo.datos).map_err(Problem::internal)?;
        de_cita(tx, &marco, tipo, about, &mut datos).await?
    } else if tipo.es_de_reserva() {
        de_reserva(tx, &marco, tipo, correo, &mut datos).await?
    } else {
        de_salud(tx, &marco, correo, &mut datos).await?
    };
    let Sobre { para, cita, enlace } = match sobre {
        Ok(sobre) => sobre,
        Err(why) => return Ok(Carta::Sobra(why)),
    };
    let Marco { publica, sede, ajustes } = marco;
    // Who asks for a letter knows a page of ours by its path; where we are reached is known here.
    if let Some(ruta) = datos.get("ruta").and_then(Value::as_str) {
        let copia = format!("{publica}{ruta}");
        datos.insert("copia".into(), json!(copia));
    }
    let Contacto { cadena, nombre, direccion, telefono, .. } = &sede;
    let of_sede = [("cadena", cadena), ("sede", nombre), ("direccion", direccion), ("telefono", telefono)];
    datos.extend(of_sede.map(|(name, value)| (name.to_owned(), json!(value))));
    Ok(Carta::Lista(Box::new(Lista { tipo, para, ajustes, publica: publica.to_owned(), sede, datos, cita, enlace })))
}

impl Lista {
    pub fn tutor(&self) -> Option<TutorId> {
        match &self.para {
            Para::Tutor(contacto) => Some(contacto.tutor),
            Para::Direccion(_) => None,
        }
    }

    /// As a letter to this address.
    pub async fn en_correo(&self, tx: &mut Tx, to: &str) -> Result<Mail, Problem> {
        let written = escrita(tx, self.tipo, &self.datos).await?;
        let invitation = self.cita.as_ref().map(|cita| self.invitacion(tx, cita, to));
        Ok(Mail {
            html: Some(written.html),
            from_name: Some(self.ajustes.remitente.clone().unwrap_or_else(|| self.sede.cadena.clone())),
            reply_to: self.ajustes.responder_a.clone(),
            invitation,
            ..Mail::plain(to, written.asunto, written.texto)
        })
    }

    /// In few words to this phone, with buttons that answer if its template has them.
    pub async fn en_corto(&self, tx: &mut Tx, medio: Medio, to: &str) -> Result<Saliente, Problem> {
        let own = cortas::get(tx, self.tipo, medio).await?;
        let written = own.escribir(&self.datos).or_else(|error| {
            tracing::warn!(tipo = self.tipo.clave(), linea = error.line(), "a chain's few words failed");
            self.tipo.corta(medio).escribir(&self.datos)
        });
        let written = written.map_err(Problem::internal)?;
        let mut variables: Vec<_> =
            written.variables.into_iter().enumerate().map(|(index, text)| (format!("{}", index + 1), text)).collect();
        if let (true, Some(cita), Para::Tutor(tutor)) = (own.botones, &self.cita, &self.para) {
            for (index, accion) in BOTONES.into_iter().enumerate() {
                variables.push((format!("boton.{index}"), abotonar(tx, accion, cita.id, tutor.tutor).await?));
            }
        }
        Ok(Saliente { a: to.to_owned(), plantilla: own.plantilla.unwrap_or_default(), variables, texto: written.texto })
    }
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

/// What a pet is due for, as far as that still holds.
async fn de_salud(
    tx: &mut Tx,
    marco: &Marco<'_>,
    correo: &Correo,
    datos: &mut Map<String, Value>,
) -> Result<Result<Sobre, &'static str>, Problem> {
    let para = match &correo.destino {
        Destino::Direccion(direccion) => Para::Direccion(direccion.clone()),
        Destino::Tutor(tutor) => match pacientes::contacto(tx, *tutor).await? {
            Some(contacto) => Para::Tutor(contacto),
            None => return Ok(Err(SIN_CORREO)),
        },
    };
    if let Para::Tutor(tutor) = &para {
        let about = DeSalud::deserialize(&correo.datos).map_err(Problem::internal)?;
        let zona = &marco.sede.zona;
        let Some(said) = about.decir(tx, tutor, zona).await? else { return Ok(Err("ya se aplicó, tiene cita o la mascota falleció")) };
        datos.extend(said);
    }
    Ok(Ok(Sobre { para, cita: None, enlace: None }))
}

/// What a letter of an owner's own booking, or of a time that is offered, is about. What else it says is beside that.
#[derive(Deserialize)]
struct DeReserva {
    inicio: Timestamp,
    /// Until when the time is held.
    #[serde(default)]
    hasta: Option<Timestamp>,
    /// The appointment, once it is one.
    #[serde(default)]
    cita: Option<CitaId>,
    #[serde(default)]
    oferta: Option<OfertaId>,
}

/// Whom it is for, as long as it is true.
async fn de_reserva(
    tx: &mut Tx,
    marco: &Marco<'_>,
    tipo: Tipo,
    correo: &Correo,
    datos: &mut Map<String, Value>,
) -> Result<Result<Sobre, &'static str>, Problem> {
    let about = DeReserva::deserialize(&correo.datos).map_err(Problem::internal)?;
    let Destino::Tutor(tutor) = &correo.destino else { return Ok(Err(SIN_CORREO)) };
    let Some(contacto) = pacientes::contacto(tx, *tutor).await? else { return Ok(Err(SIN_CORREO)) };
    if let Some(oferta) = about.oferta
        && !::citas::sigue_ofrecida(tx, oferta).await?
    {
        return Ok(Err("la hora ya no se ofrece"));
    }
    let cita = match about.cita {
        Some(cita) => citas::actual(tx, cita).await?,
        None => None,
    };
    let expected = if tipo == Tipo::ReservaAnulada { Cuando::Anulada } else { Cuando::PorVenir };
    let told = |cita: &CitaActual| cita.cuando(tx.now()) == expected;
    if about.cita.is_some() && !cita.as_ref().is_some_and(told) {
        return Ok(Err("la cita se anuló o pasó"));
    }
    // Moved while the letter waited: it says what is true now, for it has the link, and another may not come.
    let inicio = cita.as_ref().map_or(about.inicio, |cita| cita.inicio);
    let zona = &marco.sede.zona;
    let said = [
        ("tutor", json!(contacto.nombre)),
        ("fecha", json!(fecha(inicio, zona))),
        ("hora", json!(hora(inicio, zona))),
        ("hasta", json!(about.hasta.map(|hasta| plazo(hasta, tx.now(), zona)))),
    ];
    datos.extend(said.map(|(name, value)| (name.to_owned(), value)));
    if let Some(cita) = &cita {
        datos.insert("medico".to_owned(), json!(cita.nombre_medico));
    }
    let enlace = datos.get("ruta").and_then(Value::as_str).map(|ruta| format!("{}{ruta}", marco.publica));
    Ok(Ok(Sobre { para: Para::Tutor(contacto), cita, enlace }))
}

/// `las 3:30 p. m.` of today, or the day too.
fn plazo(hasta: Timestamp, now: Timestamp, zona: &TimeZone) -> String {
    let today = zona.to_datetime(hasta).date() == zona.to_datetime(now).date();
    if today { format!("las {}", hora(hasta, zona)) } else { format!("el {}, {}", fecha(hasta, zona), hora(hasta, zona)) }
}

/// Whom a message about an appointment is for, and what it says of it, as long as it is what the owner does not know yet.
async fn de_cita(
    tx: &mut Tx,
    marco: &Marco<'_>,
    tipo: Tipo,
    about: DeCita,
    datos: &mut Map<String, Value>,
) -> Result<Result<Sobre, &'static str>, Problem> {
    let Some(cita) = citas::actual(tx, about.cita).await? else { return Ok(Err("la cita ya no existe")) };
    if cita.silenciosa {
        return Ok(Err("de ese servicio no se escribe"));
    }
    let expected = if tipo == Tipo::CitaAnulada { Cuando::Anulada } else { Cuando::PorVenir };
    let told = match about.version {
        Some(version) => citas::avisada(tx, about.cita).await?.is_some_and(|told| told.avisada == version),
        None => about.inicio == Some(cita.inicio),
    };
    if cita.cuando(tx.now()) != expected || !told {
        return Ok(Err("la cita cambió, se anuló o pasó"));
    }
    let Some(contacto) = pacientes::contacto_de_mascota(tx, cita.mascota).await? else { return Ok(Err(SIN_CORREO)) };
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
    Ok(Ok(Sobre { para: Para::Tutor(contacto), cita: Some(cita), enlace }))
}

impl Lista {
    /// For the owner's own calendar.
    fn invitacion(&self, tx: &Tx, cita: &CitaActual, to: &str) -> Invitation {
        let lugar = format!("{}, {}", self.sede.nombre, self.sede.direccion);
        let organizador = self.responder_a();
        let invitacion = ::citas::Invitacion {
            id: cita.id,
            version: cita.version,
            inicio: cita.inicio,
            fin: cita.fin,
            anulada: cita.estado == "anulada",
            en: tx.now(),
            mascota: &cita.nombre_mascota,
            lugar: &lugar,
            cadena: &self.sede.cadena,
            organizador: &organizador,
            invitado: to,
            enlace: self.enlace.as_deref(),
        };
        Invitation { method: invitacion.metodo(), text: invitacion.en_texto() }
    }
}
