//! Signing in. Counted first, checked second, and every wrong try looks and lasts the same.
use super::{
    model::{Abierta, Ingreso, Llave, Tokens},
    store::{self, Nueva},
};
use crate::identidad::{
    Identidad,
    accesos::{
        model::{Medio, Resultado, dispositivo},
        store::anotar,
    },
    cuenta::{
        model::{Credencial, Cuenta},
        store as cuentas,
    },
    hasher::{Lane, rejected},
    portal::{self, peticion::Peticion},
    problemas, segundo_factor,
    throttle::{Bucket, POR_RED, Taken},
    token,
};
use jiff::Timestamp;
use kernel::{
    Actor, Anon, Change, Problem, Tx,
    ids::{SesionId, TenantId, UsuarioId},
    text,
};
use uuid::Uuid;

/// What the session is to be known by.
#[derive(Clone, Copy)]
pub enum Clase<'a> {
    Tokens,
    Portal(&'a Peticion),
}

/// Who tries, before we know whether it is them.
struct Intento<'a> {
    anon: &'a Anon,
    identidad: &'a Identidad,
    clase: Clase<'a>,
    /// Nil when there is no such chain: the rest goes on as always.
    tenant: TenantId,
    correo_indice: Vec<u8>,
    /// This device signed in to this account before.
    conocido: bool,
    buckets: Vec<Bucket>,
}

/// A try that failed, and what the log says of it.
struct Rechazo {
    usuario: Option<UsuarioId>,
    resultado: Resultado,
    medio: Medio,
    problem: Problem,
}

impl Rechazo {
    fn contrasena(usuario: Option<UsuarioId>, resultado: Resultado) -> Self {
        Self { usuario, resultado, medio: Medio::Contrasena, problem: rejected() }
    }
    /// The right password without a code is half of a sign-in, not a guess.
    fn counts(&self) -> bool {
        self.resultado != Resultado::FaltaCodigo
    }
    fn codigo(usuario: UsuarioId, resultado: Resultado, problem: Problem) -> Self {
        Self { usuario: Some(usuario), resultado, medio: Medio::SegundoFactor, problem }
    }
}

/// `Err`: a fault of ours, or no room. `Ok(Err)`: the try was wrong.
type Juicio<T> = Result<Result<T, Rechazo>, Problem>;

pub async fn ingresar(anon: &Anon, identidad: &Identidad, ingreso: Ingreso, clase: Clase<'_>) -> Result<Abierta, Problem> {
    let intento = Intento::new(anon, identidad, &ingreso, clase).await?;
    let buckets: Vec<&Bucket> = intento.buckets.iter().collect();
    let mut taken = match identidad.throttle().take(&buckets, anon.now).await {
        Ok(taken) => taken,
        Err(wait) => {
            if wait.first {
                intento.anotar(None, Resultado::DemasiadosIntentos, Medio::Contrasena).await?;
            }
            return Err(Problem::from(wait).detail("Espere un momento, o elija otra contraseña con «Olvidé mi contraseña»."));
        }
    };
    let juicio = match intento.comprobar(ingreso.contrasena, &mut taken).await? {
        Ok((credencial, rehashed)) => match intento.abrir(credencial, rehashed, ingreso.codigo).await {
            Ok(juicio) => juicio,
            // The password was right, and the fault is ours.
            Err(problem) => {
                taken.refund().await;
                return Err(problem);
            }
        },
        Err(rechazo) => Err(rechazo),
    };
    match juicio {
        Ok(abierta) => {
            taken.refund().await;
            Ok(abierta)
        }
        Err(rechazo) => {
            if !rechazo.counts() {
                taken.refund().await;
            }
            intento.anotar(rechazo.usuario, rechazo.resultado, rechazo.medio).await?;
            Err(rechazo.problem)
        }
    }
}

impl<'a> Intento<'a> {
    async fn new(anon: &'a Anon, identidad: &'a Identidad, ingreso: &Ingreso, clase: Clase<'a>) -> Result<Self, Problem> {
        let tenant = anon.tenant(&ingreso.cadena).await?.unwrap_or(TenantId(Uuid::nil()));
        let (ring, ip) = (anon.app().keyring(), anon.origin.ip);
        let correo = text::email(&ingreso.correo);
        let correo = if tenant.0.is_nil() { format!("{}:{correo}", ingreso.cadena) } else { correo };
        let correo_indice = ring.blind_index(tenant, "correo", &correo);
        let others = match clase {
            Clase::Portal(peticion) => peticion.equipos.as_slice(),
            Clase::Tokens => &[],
        };
        let mut devices = ingreso.dispositivo.iter().chain(others);
        let device = devices.find_map(|text| token::read_device(ring, tenant, &correo_indice, text, anon.now));
        let buckets = match device {
            Some(_) => vec![Bucket::known(ring, tenant, &correo_indice, ip)],
            None => vec![Bucket::account(ring, tenant, &correo_indice, ip), Bucket::network(ring, "ingreso", ip, POR_RED)],
        };
        Ok(Self { anon, identidad, clase, tenant, correo_indice, conocido: device.is_some(), buckets })
    }

    fn ip(&self) -> String {
        self.anon.origin.ip.to_canonical().to_string()
    }

    /// The account, if the password is right; with the password at today's cost, if it was kept at another.
    async fn comprobar(&self, contrasena: String, taken: &mut Taken) -> Juicio<(Credencial, Option<String>)> {
        let mut tx = self.anon.begin(self.tenant).await?;
        let credencial = cuentas::por_correo(&mut tx, &self.correo_indice).await?;
        // The same question for nobody, so that it takes as long.
        let usuario = credencial.as_ref().map_or(UsuarioId(Uuid::nil()), |credencial| credencial.id);
        let conocida = store::conoce_direccion(&mut tx, usuario, &self.ip()).await?;
        drop(tx);
        let lane = if self.conocido || conocida { Lane::Reserved } else { Lane::Open };
        let hasher = self.identidad.hasher();
        let stored = credencial.as_ref().filter(|credencial| credencial.activo).and_then(|credencial| credencial.contrasena.as_deref());
        let turn = hasher.turn(lane).await?;
        taken.made();
        if !turn.verify(stored, contrasena.clone()).await? {
            return Ok(Err(match &credencial {
                None => Rechazo::contrasena(None, Resultado::CuentaDesconocida),
                Some(credencial) if stored.is_none() => Rechazo::contrasena(Some(credencial.id), Resultado::CuentaInactiva),
                Some(credencial) => Rechazo::contrasena(Some(credencial.id), Resultado::ContrasenaIncorrecta),
            }));
        }
        let rehashed = match stored {
            // Not worth a refusal: the next sign-in tries again.
            Some(stored) if hasher.outdated(stored) => hasher.hash(lane, contrasena).await.ok(),
            _ => None,
        };
        Ok(credencial.map(|credencial| (credencial, rehashed)).ok_or_else(|| Rechazo::contrasena(None, Resultado::CuentaDesconocida)))
    }

    /// The session, if the second factor is right too. Whatever is counted is counted outside the transaction, which
    /// holds the person's row.
    async fn abrir(&self, vista: Credencial, rehashed: Option<String>, codigo: Option<String>) -> Juicio<Abierta> {
        let codigo = match self.contar_codigo(&vista, codigo).await {
            Ok(codigo) => codigo,
            Err(rechazo) => return Ok(Err(rechazo)),
        };
        let mut tx = self.anon.begin_as(self.tenant, Actor::Usuario(vista.id)).await?;
        let credencial = match self.confirmar(&mut tx, &vista).await? {
            Ok(credencial) => credencial,
            Err(rechazo) => return Ok(Err(rechazo)),
        };
        let (usuario, segundo_factor) = (credencial.id, credencial.totp_desde.is_some());
        let medio = match &codigo {
            None => Medio::Contrasena,
            Some((codigo, _)) => match segundo_factor::aceptar(&mut tx, &credencial, codigo).await? {
                Some(medio) => medio,
                None => return Ok(Err(Rechazo::codigo(usuario, Resultado::CodigoIncorrecto, Problem::new(problemas::CODIGO)))),
            },
        };
        if let Some(phc) = rehashed {
            cuentas::save_rehashed(&mut tx, usuario, &phc).await?;
        }
        let (sesion_id, expira_en, llave) = self.nueva_sesion(&mut tx, usuario, medio).await?;
        let tiene_pin = portal::tiene_pin(&mut tx, usuario).await?;
        let debe_enrolar = !segundo_factor && segundo_factor::store::exigido(&mut tx, usuario).await?;
        let roles = cuentas::roles(&mut tx, usuario).await?;
        anotar(&mut tx, Actor::Usuario(usuario), Resultado::Ingreso, medio, &self.anon.origin).await?;
        tx.audit(Change::new("abrir", "sesion", sesion_id));
        tx.commit().await?;
        if let Some((_, Some(taken))) = codigo {
            taken.refund().await;
        }
        let dispositivo = token::make_device(self.anon.app().keyring(), self.tenant, &self.correo_indice, self.anon.now);
        let cuenta = Cuenta { id: usuario, nombres: credencial.nombres, apellidos: credencial.apellidos, roles, segundo_factor };
        Ok(Ok(Abierta { sesion_id, expira_en, llave, dispositivo, usuario: cuenta, debe_enrolar, tiene_pin }))
    }

    /// The person's row, held, if it is still what the password was checked against.
    async fn confirmar(&self, tx: &mut Tx, vista: &Credencial) -> Juicio<Credencial> {
        let Some(credencial) = cuentas::lock(tx, vista.id).await? else {
            return Ok(Err(Rechazo::contrasena(None, Resultado::CuentaDesconocida)));
        };
        let same = credencial.activo && credencial.contrasena == vista.contrasena && credencial.totp_desde == vista.totp_desde;
        Ok(if same { Ok(credencial) } else { Err(Rechazo::contrasena(Some(vista.id), Resultado::ContrasenaIncorrecta)) })
    }

    /// The code to check, counted. Who comes this far has the password: guesses of the code count per account, from
    /// wherever. Only known devices are let through when all are used up (they have their own count of tries), or
    /// the guesser would lock the owner out.
    async fn contar_codigo(&self, vista: &Credencial, codigo: Option<String>) -> Result<Option<(String, Option<Taken>)>, Rechazo> {
        if vista.totp_desde.is_none() {
            return Ok(None);
        }
        let Some(codigo) = codigo else {
            return Err(Rechazo::codigo(vista.id, Resultado::FaltaCodigo, Problem::new(problemas::FALTA_CODIGO)));
        };
        let bucket = Bucket::codes(self.anon.app().keyring(), self.tenant, vista.id);
        match self.identidad.throttle().take(&[&bucket], self.anon.now).await {
            Ok(mut taken) => {
                taken.made();
                Ok(Some((codigo, Some(taken))))
            }
            Err(_) if self.conocido => Ok(Some((codigo, None))),
            Err(wait) => Err(Rechazo::codigo(vista.id, Resultado::DemasiadosIntentos, wait.into())),
        }
    }

    async fn nueva_sesion(&self, tx: &mut Tx, usuario: UsuarioId, medio: Medio) -> Result<(SesionId, Timestamp, Llave), Problem> {
        let settings = self.identidad.settings();
        let sesion = SesionId::new();
        let (ip, dispositivo) = (self.ip(), dispositivo(&self.anon.origin));
        let segundo_factor = medio != Medio::Contrasena;
        let (cookie, ttl) = match self.clase {
            Clase::Portal(peticion) => (Some(portal::nueva(self.tenant, peticion.etiqueta.as_deref())), settings.portal_ttl),
            Clase::Tokens => (None, settings.session_ttl),
        };
        let expira_en = self.anon.now + ttl;
        let portal = cookie.as_ref().map(|(_, resumen)| resumen.as_slice());
        store::insert(tx, &Nueva { id: sesion, usuario, dispositivo: &dispositivo, ip: &ip, expira_en, segundo_factor, portal }).await?;
        let llave = match cookie {
            Some((secreto, _)) => Llave::Cookie(secreto),
            None => {
                let eslabon = Eslabon { sesion, usuario, anterior: None, sesion_expira_en: expira_en };
                Llave::Tokens(emitir(self.identidad, tx, &eslabon).await?)
            }
        };
        Ok((sesion, expira_en, llave))
    }

    /// In a transaction of its own: the try itself left nothing behind.
    async fn anotar(&self, usuario: Option<UsuarioId>, resultado: Resultado, medio: Medio) -> Result<(), Problem> {
        if self.tenant.0.is_nil() {
            return Ok(());
        }
        let mut tx = self.anon.begin(self.tenant).await?;
        anotar(&mut tx, usuario.map_or(Actor::Anonimo, Actor::Usuario), resultado, medio, &self.anon.origin).await?;
        tx.commit().await
    }
}

/// Where a pair of tokens belongs.
pub struct Eslabon<'a> {
    pub sesion: SesionId,
    pub usuario: UsuarioId,
    /// The refresh token that it is given for; none at sign-in.
    pub anterior: Option<&'a [u8]>,
    pub sesion_expira_en: Timestamp,
}

/// A pair of tokens for a session: the next link of its family.
pub async fn emitir(identidad: &Identidad, tx: &mut Tx, eslabon: &Eslabon<'_>) -> Result<Tokens, Problem> {
    let (tenant, now) = (tx.who().tenant, tx.now());
    let (renovacion, resumen) = token::make(token::RENOVACION, tenant);
    let renovacion_expira_en = (now + identidad.settings().refresh_ttl).min(eslabon.sesion_expira_en);
    store::insert_token(tx, eslabon.sesion, &resumen, eslabon.anterior, renovacion_expira_en).await?;
    let (token, expira_en) = identidad.access_token(tenant, eslabon.usuario.0, Some(eslabon.sesion), None, now)?;
    Ok(Tokens { token, expira_en, renovacion, renovacion_expira_en, sesion_id: eslabon.sesion })
}
