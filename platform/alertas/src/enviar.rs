//! Sending one message: note the try, choose the channel, write it, hand it over, note how that went. Nothing is held while
//! somebody outside thinks. What one channel refuses goes by the next; what nobody knows the end of is never sent again by
//! itself; what waited for a channel that is gone by then goes by another, or somebody is told. By e-mail, who dies between
//! handing over and noting sends again, under the same Message-ID; elsewhere the same key is the same message.
use crate::{
    canales::{Canal, CanalFallo, Canales, Saliente},
    carta::{Carta, Lista, Para, preparar},
    model::{Caso, EstadoEnvio, EstadoMensaje, Motivo, Ruta, Tipo, explicar, orden},
    store::{
        envios::{self, Envio},
        mensajes, preferencias,
    },
};
use kernel::{
    Correo, Job, Problem, SystemCtx, Tx,
    ids::{MensajeId, TenantId},
    job::{Fallo, Intento},
    ports::{Mail, PortError},
};
use pacientes::{Consentido, Finalidad, Medio};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;

/// The kind of work: a message again, or by another channel.
pub const REENVIAR: &str = "aviso.reenviar";
const NO_SE_SABE: &str = "no se sabe si salió";
/// A plugin that cannot be run is not waited for as long as a provider is.
const SIN_CORRER: i16 = 3;
/// Tries of work that goes on where the first left off.
const TRIES: i16 = 30;

/// What it takes to send.
pub struct Salida<'a> {
    pub system: &'a SystemCtx,
    pub canales: &'a dyn Canales,
    /// Where people reach this server.
    pub publica: &'a str,
    pub tenant: TenantId,
    pub intento: Intento,
}

#[derive(Debug, Serialize, Deserialize)]
struct Otra {
    mensaje: MensajeId,
    canal: Option<Medio>,
}

/// Asks that a message goes out again, or by another channel.
pub async fn pedir(tx: &mut Tx, mensaje: MensajeId, canal: Option<Medio>) -> Result<bool, Problem> {
    tx.enqueue(Job::new(REENVIAR, Otra { mensaje, canal }).once(mensaje.to_string()).tries(TRIES)).await
}

/// A message on its way, in this round.
struct Mensaje<'a> {
    id: MensajeId,
    tipo: Tipo,
    correo: &'a Correo,
    /// By this channel only.
    solo: Option<Medio>,
    activos: Vec<Canal>,
}

/// What one step led to.
enum Paso {
    Fin,
    /// This channel failed: perhaps there is another.
    Otro,
}

/// How handing over went.
enum Entregado {
    Si(Option<String>),
    No { codigo: Option<String>, why: String },
    Luego(String, Option<Duration>),
    Incierto(String),
}

/// The way that it takes, and whether there is another one.
struct Eleccion {
    ruta: Ruta,
    otro: bool,
}

/// What leaves.
enum Escrito {
    Carta(Box<Mail>),
    Corto(String, Saliente),
}

impl Salida<'_> {
    /// Makes one try of what was asked for.
    pub async fn enviar(&self, cuerpo: &Value) -> Result<(), Fallo> {
        let correo = Correo::open(self.system.app().keyring(), self.tenant, cuerpo)?;
        // Most likely asked for by a newer server than this one.
        let tipo = Tipo::read(&correo.tipo).ok_or_else(|| Fallo::Luego("clase de correo desconocida".into()))?;
        let mut tx = self.system.begin(self.tenant).await?;
        let Some(id) = mensajes::note_try(&mut tx, tipo, &correo).await? else { return Ok(()) };
        tx.commit().await?;
        self.recorrer(Mensaje { id, tipo, correo: &correo, solo: None, activos: Vec::new() }).await
    }

    /// The same for a message that is in the list already.
    pub async fn reenviar(&self, cuerpo: &Value) -> Result<(), Fallo> {
        let Otra { mensaje, canal } = Otra::deserialize(cuerpo).map_err(|_| Fallo::Nunca("no se entiende".into()))?;
        let mut tx = self.system.begin(self.tenant).await?;
        let Some((tipo, correo)) = mensajes::again(&mut tx, mensaje).await? else { return Ok(()) };
        tx.commit().await?;
        self.recorrer(Mensaje { id: mensaje, tipo, correo: &correo, solo: canal, activos: Vec::new() }).await
    }

    async fn recorrer(&self, mut mensaje: Mensaje<'_>) -> Result<(), Fallo> {
        mensaje.activos = self.canales.activos(self.tenant).await?;
        while matches!(self.paso(&mensaje).await?, Paso::Otro) {}
        Ok(())
    }

    /// By the first channel that is open.
    async fn paso(&self, mensaje: &Mensaje<'_>) -> Result<Paso, Fallo> {
        let mut tx = self.system.begin(self.tenant).await?;
        let before = envios::of_round(&mut tx, mensaje.id).await?;
        let lista = match preparar(&mut tx, self.publica, mensaje.tipo, mensaje.correo).await? {
            Carta::Lista(lista) => lista,
            Carta::Sobra(why) => return self.sobra(tx, mensaje, &before, why).await,
            Carta::Espera(why) => {
                mensajes::note(&mut tx, mensaje.id, EstadoMensaje::Pendiente, Some(why)).await?;
                tx.commit().await?;
                return Err(Fallo::Luego(why.into()));
            }
        };
        let Eleccion { ruta, otro } = match elegir(&mut tx, &lista, mensaje, &before).await? {
            Ok(eleccion) => eleccion,
            Err(why) => return self.cerrado(tx, mensaje, &before, &why).await,
        };
        let escrito = escribir(&mut tx, &lista, &ruta).await?;
        let envio = envios::begin(&mut tx, mensaje.id, mensaje.correo.sede, lista.tutor(), &ruta).await?;
        if let (Medio::Correo, Some(tutor)) = (ruta.medio, lista.tutor()) {
            mensajes::note_address(&mut tx, mensaje.id, tutor, &ruta.destino).await?;
        }
        tx.commit().await?;
        let entregado = self.entregar(&envio, escrito, otro).await;
        self.anotar(mensaje, &envio, entregado).await
    }

    /// Nothing more is to be done: it was of no use, or every channel failed.
    async fn sobra(&self, mut tx: Tx, mensaje: &Mensaje<'_>, before: &[Envio], why: &str) -> Result<Paso, Fallo> {
        let Some(failed) = before.iter().rfind(|envio| envio.estado.fallo()) else {
            mensajes::note(&mut tx, mensaje.id, EstadoMensaje::Omitido, Some(why)).await?;
            tx.commit().await?;
            return Ok(Paso::Fin);
        };
        let why = failed.error.clone().unwrap_or_else(|| why.to_owned());
        fracasa(tx, mensaje, why).await
    }

    /// No way is open. What a channel is missing for is not of no use: if it waited for that channel it goes by another, and where
    /// there is none somebody has to look.
    async fn cerrado(&self, tx: Tx, mensaje: &Mensaje<'_>, before: &[Envio], why: &[(Medio, Motivo)]) -> Result<Paso, Fallo> {
        let said = explicar(why);
        if !why.iter().any(|(_, motivo)| *motivo == Motivo::SinCanal) {
            return self.sobra(tx, mensaje, before, &said).await;
        }
        if let Some(begun) = before.iter().rfind(|envio| envio.estado.sigue()) {
            drop(tx);
            // Its worker may have died after it left.
            let left = begun.estado == EstadoEnvio::Saliendo;
            let ended = if left { Entregado::Incierto(NO_SE_SABE.into()) } else { Entregado::No { codigo: None, why: said } };
            return self.anotar(mensaje, begun, ended).await;
        }
        let failed = before.iter().rfind(|envio| envio.estado.fallo()).and_then(|envio| envio.error.clone());
        fracasa(tx, mensaje, failed.unwrap_or(said)).await
    }

    /// `otro`: there is another way.
    async fn entregar(&self, envio: &Envio, escrito: Escrito, otro: bool) -> Entregado {
        match escrito {
            Escrito::Carta(mail) => {
                let message_id = Some(format!("<{}@{}>", envio.id, host(self.publica)));
                match self.system.app().mailer().send(Mail { message_id, ..*mail }).await {
                    Ok(()) => Entregado::Si(None),
                    Err(PortError::Rejected(why)) => Entregado::No { codigo: None, why },
                    Err(PortError::Unavailable(why)) => self.luego(why, None),
                }
            }
            Escrito::Corto(complemento, saliente) => {
                let intento = u32::try_from(envio.intentos - 1).unwrap_or_default();
                let sent = self.canales.enviar(self.tenant, &complemento, &envio.id.to_string(), intento, &saliente).await;
                sent.map_or_else(|fallo| self.no_salio(fallo, envio, otro), |referencia| Entregado::Si(Some(referencia)))
            }
        }
    }

    fn no_salio(&self, fallo: CanalFallo, envio: &Envio, otro: bool) -> Entregado {
        let (no, waited) = (|why: &str| Entregado::No { codigo: None, why: why.into() }, envio.intentos >= SIN_CORRER);
        match fallo {
            CanalFallo::Rechazado { codigo, .. } => {
                let why = codigo.as_ref().map_or("el proveedor lo rechazó".into(), |codigo| format!("el proveedor lo rechazó: {codigo}"));
                Entregado::No { codigo, why }
            }
            CanalFallo::SinPermiso(_) => no("el proveedor no aceptó las credenciales"),
            CanalFallo::Luego(espera) => self.luego("el proveedor pide esperar".into(), espera),
            CanalFallo::Incierto(_) => Entregado::Incierto(NO_SE_SABE.into()),
            CanalFallo::NoCorrio(_) if waited => no("el complemento no se pudo ejecutar"),
            CanalFallo::NoCorrio(_) => self.luego("el complemento no se pudo ejecutar".into(), None),
            // One that rests is waited for only where it is the only way.
            CanalFallo::Detenido { detalle, espera: Some(espera) } if !otro && !waited => self.luego(detalle, Some(espera)),
            CanalFallo::Detenido { detalle, .. } => no(&detalle),
        }
    }

    fn luego(&self, why: String, espera: Option<Duration>) -> Entregado {
        if self.intento.es_el_ultimo() { Entregado::No { codigo: None, why } } else { Entregado::Luego(why, espera) }
    }

    async fn anotar(&self, mensaje: &Mensaje<'_>, envio: &Envio, entregado: Entregado) -> Result<Paso, Fallo> {
        let mut tx = self.system.begin(self.tenant).await?;
        let result = match entregado {
            // A webhook may have said by now that it failed, and asked for another way.
            Entregado::Si(referencia) => {
                if envios::sent(&mut tx, envio.id, referencia.as_deref()).await? {
                    mensajes::note(&mut tx, mensaje.id, EstadoMensaje::Enviado, None).await?;
                }
                Ok(Paso::Fin)
            }
            Entregado::No { codigo, why } => {
                envios::failed(&mut tx, envio.id, codigo.as_deref(), &why).await?;
                Ok(Paso::Otro)
            }
            Entregado::Luego(why, espera) => {
                envios::waits(&mut tx, envio.id, &why).await?;
                mensajes::note(&mut tx, mensaje.id, EstadoMensaje::Pendiente, Some(&why)).await?;
                Err(Fallo::tras(espera, why))
            }
            Entregado::Incierto(why) => {
                if envios::unknown(&mut tx, envio.id, &why).await? {
                    mensajes::note(&mut tx, mensaje.id, EstadoMensaje::Incierto, Some(&why)).await?;
                }
                Ok(Paso::Fin)
            }
        };
        tx.commit().await?;
        result
    }
}

/// Every way failed, or the one that is left is missing: somebody sees it at the desk, and can send it again from there.
async fn fracasa(mut tx: Tx, mensaje: &Mensaje<'_>, why: String) -> Result<Paso, Fallo> {
    mensajes::note(&mut tx, mensaje.id, EstadoMensaje::Fallido, Some(&why)).await?;
    tx.commit().await?;
    Err(Fallo::Nunca(why))
}

/// What is under way goes on by its channel; else the first one that is open.
async fn elegir(
    tx: &mut Tx,
    lista: &Lista,
    mensaje: &Mensaje<'_>,
    before: &[Envio],
) -> Result<Result<Eleccion, Vec<(Medio, Motivo)>>, Problem> {
    let (tutor, correo, telefono) = match &lista.para {
        Para::Tutor(contacto) => (Some(contacto.tutor), contacto.correo.as_deref(), contacto.telefono.as_deref()),
        Para::Direccion(direccion) => (None, Some(direccion.as_str()), None),
    };
    let (wanted, consentido) = match tutor {
        Some(tutor) => {
            let said = pacientes::consentido(tx, &[tutor], Finalidad::Recordatorios).await?.remove(&tutor);
            (preferencias::get(tx, tutor).await?, said.unwrap_or_default())
        }
        None => (Some(vec![Medio::Correo]), Consentido::default()),
    };
    let begun = before.iter().rfind(|envio| envio.estado.sigue()).map(|envio| envio.medio);
    let wanted = orden(mensaje.tipo, mensaje.solo.map(|medio| vec![medio]).or(wanted), &lista.ajustes.canales);
    let orden = begun.map_or_else(|| wanted.clone(), |medio| vec![medio]);
    let fallidos: Vec<Medio> = before.iter().filter(|envio| envio.estado.fallo()).map(|envio| envio.medio).collect();
    let (tipo, canales, sede) = (mensaje.tipo, &mensaje.activos, mensaje.correo.sede);
    let caso = Caso { tipo, orden: &orden, correo, telefono, consentido, canales, sede, fallidos: &fallidos };
    let ruta = match caso.elegir() {
        Ok(ruta) => ruta,
        Err(why) => return Ok(Err(why)),
    };
    let usados: Vec<Medio> = fallidos.iter().copied().chain([ruta.medio]).collect();
    let otro = Caso { orden: &wanted, fallidos: &usados, ..caso }.elegir().is_ok();
    Ok(Ok(Eleccion { ruta, otro }))
}

async fn escribir(tx: &mut Tx, lista: &Lista, ruta: &Ruta) -> Result<Escrito, Problem> {
    Ok(match &ruta.complemento {
        None => Escrito::Carta(Box::new(lista.en_correo(tx, &ruta.destino).await?)),
        Some(complemento) => Escrito::Corto(complemento.clone(), lista.en_corto(tx, ruta.medio, &ruta.destino).await?),
    })
}

/// The name in an address of the web.
pub fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', ':']).next().unwrap_or(rest)
}
