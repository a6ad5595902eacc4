//! Signing in. Counted first, checked second, and every wrong try looks and lasts the same.
use super::{
    model::{Ingreso, SesionAbierta, Tokens},
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
    problemas, segundo_factor,
    throttle::{Bucket, CODIGOS},
    token,
};
use kernel::{
    Actor, Anon, Change, Problem, Tx,
    ids::{SesionId, TenantId, UsuarioId},
    problem::kinds,
    text,
};
use uuid::Uuid;

/// Who tries, before we know whether it is them.
struct Intento<'a> {
    anon: &'a Anon,
    identidad: &'a Identidad,
    /// Nil when there is no such chain: the rest goes on as always.
    tenant: TenantId,
    correo_indice: Vec<u8>,
    /// This device signed in to this account before.
    conocido: bool,
    bucket: Bucket,
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
}

/// `Err`: a fault of ours, or no room. `Ok(Err)`: the try was wrong.
type Juicio<T> = Result<Result<T, Rechazo>, Problem>;

pub async fn ingresar(anon: &Anon, identidad: &Identidad, ingreso: Ingreso) -> Result<SesionAbierta, Problem> {
    let intento = Intento::new(anon, identidad, &ingreso).await?;
    let taken = match identidad.throttle().take(&intento.bucket, anon.now).await {
        Ok(taken) => taken,
        Err(wait) => {
            if wait.first {
                intento.anotar(None, Resultado::DemasiadosIntentos, Medio::Contrasena).await?;
            }
            let detail = "Espere un momento, o elija otra contraseña con «Olvidé mi contraseña».";
            return Err(Problem::new(kinds::TOO_MANY).detail(detail).retry_after(wait.seconds));
        }
    };
    let juicio = match intento.comprobar(ingreso.contrasena).await {
        Ok(Ok((credencial, rehashed))) => intento.abrir(credencial, rehashed, ingreso.codigo).await,
        Ok(Err(rechazo)) => Ok(Err(rechazo)),
        Err(problem) => Err(problem),
    };
    match juicio {
        Ok(Ok(abierta)) => {
            identidad.throttle().refund(taken).await;
            Ok(abierta)
        }
        Ok(Err(rechazo)) => {
            if !rechazo.counts() {
                identidad.throttle().refund(taken).await;
            }
            intento.anotar(rechazo.usuario, rechazo.resultado, rechazo.medio).await?;
            Err(rechazo.problem)
        }
        Err(problem) => {
            identidad.throttle().refund(taken).await;
            Err(problem)
        }
    }
}

impl<'a> Intento<'a> {
    async fn new(anon: &'a Anon, identidad: &'a Identidad, ingreso: &Ingreso) -> Result<Self, Problem> {
        let tenant = anon.tenant(&ingreso.cadena).await?.unwrap_or(TenantId(Uuid::nil()));
        let ring = anon.app().keyring();
        let correo = text::email(&ingreso.correo);
        let correo_indice = ring.blind_index(tenant, "correo", &correo);
        let device = ingreso.dispositivo.as_deref().and_then(|text| token::read_device(ring, tenant, &correo_indice, text, anon.now));
        let cuenta = if tenant.0.is_nil() { format!("{}:{correo}", ingreso.cadena) } else { correo };
        let bucket = match device {
            Some(device) => Bucket::device(ring, tenant, &cuenta, device),
            None => Bucket::address(ring, tenant, &cuenta, anon.origin.ip),
        };
        Ok(Self { anon, identidad, tenant, correo_indice, conocido: device.is_some(), bucket })
    }

    fn ip(&self) -> String {
        self.anon.origin.ip.to_canonical().to_string()
    }

    /// The account, if the password is right; with the password at today's cost, if it was kept at another.
    async fn comprobar(&self, contrasena: String) -> Juicio<(Credencial, Option<String>)> {
        let mut tx = self.anon.begin(self.tenant).await?;
        let credencial = cuentas::por_correo(&mut tx, &self.correo_indice).await?;
        let conocida = match &credencial {
            Some(credencial) => store::conoce_direccion(&mut tx, credencial.id, &self.ip()).await?,
            // The same question for nobody, so that it takes as long.
            None => store::conoce_direccion(&mut tx, UsuarioId(Uuid::nil()), &self.ip()).await?,
        };
        drop(tx);
        let lane = if self.conocido || conocida { Lane::Reserved } else { Lane::Open };
        let hasher = self.identidad.hasher();
        let stored = credencial.as_ref().filter(|credencial| credencial.activo).and_then(|credencial| credencial.contrasena.as_deref());
        if !hasher.verify(lane, stored, contrasena.clone()).await? {
            return Ok(Err(match &credencial {
                None => Rechazo::contrasena(None, Resultado::CuentaDesconocida),
                Some(credencial) if stored.is_none() => Rechazo::contrasena(Some(credencial.id), Resultado::CuentaInactiva),
                Some(credencial) => Rechazo::contrasena(Some(credencial.id), Resultado::ContrasenaIncorrecta),
            }));
        }
        let rehashed = match stored {
            Some(stored) if hasher.outdated(stored) => Some(hasher.hash(lane, contrasena).await?),
            _ => None,
        };
        Ok(credencial.map(|credencial| (credencial, rehashed)).ok_or_else(|| Rechazo::contrasena(None, Resultado::CuentaDesconocida)))
    }

    /// The session, if the second factor is right too.
    async fn abrir(&self, vista: Credencial, rehashed: Option<String>, codigo: Option<String>) -> Juicio<SesionAbierta> {
        let usuario = vista.id;
        let mut tx = self.anon.begin_as(self.tenant, Actor::Usuario(usuario)).await?;
        let Some(credencial) = cuentas::lock(&mut tx, usuario).await? else {
            return Ok(Err(Rechazo::contrasena(None, Resultado::CuentaDesconocida)));
        };
        if !credencial.activo || credencial.contrasena != vista.contrasena {
            return Ok(Err(Rechazo::contrasena(Some(usuario), Resultado::ContrasenaIncorrecta)));
        }
        let medio = match self.segundo_factor(&mut tx, &credencial, codigo).await? {
            Ok(medio) => medio,
            Err(rechazo) => return Ok(Err(rechazo)),
        };
        if let Some(phc) = rehashed {
            cuentas::save_rehashed(&mut tx, usuario, &phc).await?;
        }
        let tokens = self.nueva_sesion(&mut tx, usuario, medio).await?;
        let segundo_factor = credencial.totp_desde.is_some();
        let debe_enrolar = !segundo_factor && segundo_factor::store::exigido(&mut tx, usuario).await?;
        let roles = cuentas::roles(&mut tx, usuario).await?;
        anotar(&mut tx, Some(usuario), Resultado::Ingreso, medio, &self.anon.origin).await?;
        tx.audit(Change::new("abrir", "sesion", tokens.sesion_id));
        tx.commit().await?;
        let dispositivo = token::make_device(self.anon.app().keyring(), self.tenant, &self.correo_indice, self.anon.now);
        let cuenta = Cuenta { id: usuario, nombres: credencial.nombres, apellidos: credencial.apellidos, roles, segundo_factor };
        Ok(Ok(SesionAbierta { tokens, dispositivo, debe_enrolar, usuario: cuenta }))
    }

    /// What proved the person: password alone, a code, or a recovery code.
    async fn segundo_factor(&self, tx: &mut Tx, credencial: &Credencial, codigo: Option<String>) -> Juicio<Medio> {
        if credencial.totp_desde.is_none() {
            return Ok(Ok(Medio::Contrasena));
        }
        let rechazo = |resultado, problem| Rechazo { usuario: Some(credencial.id), resultado, medio: Medio::SegundoFactor, problem };
        let Some(codigo) = codigo else {
            return Ok(Err(rechazo(Resultado::FaltaCodigo, Problem::new(problemas::FALTA_CODIGO))));
        };
        // Who comes this far has the password: guesses of the code count per account, from wherever. Only known
        // devices are exempt, or the guesser would lock the owner out.
        let bucket = Bucket::new(self.anon.app().keyring(), self.tenant, &format!("codigo:{}", credencial.id), CODIGOS);
        let throttle = self.identidad.throttle();
        let taken = match throttle.take(&bucket, self.anon.now).await {
            Ok(taken) => Some(taken),
            Err(_) if self.conocido => None,
            Err(wait) => {
                let problem = Problem::new(kinds::TOO_MANY).retry_after(wait.seconds);
                return Ok(Err(rechazo(Resultado::DemasiadosIntentos, problem)));
            }
        };
        let Some(medio) = segundo_factor::aceptar(tx, credencial, &codigo).await? else {
            return Ok(Err(rechazo(Resultado::CodigoIncorrecto, Problem::new(problemas::CODIGO))));
        };
        if let Some(taken) = taken {
            throttle.refund(taken).await;
        }
        Ok(Ok(medio))
    }

    async fn nueva_sesion(&self, tx: &mut Tx, usuario: UsuarioId, medio: Medio) -> Result<Tokens, Problem> {
        let settings = self.identidad.settings();
        let sesion = SesionId::new();
        let expira_en = self.anon.now + settings.session_ttl;
        let (ip, dispositivo) = (self.ip(), dispositivo(&self.anon.origin));
        let segundo_factor = medio != Medio::Contrasena;
        store::insert(tx, &Nueva { id: sesion, usuario, dispositivo: &dispositivo, ip: &ip, expira_en, segundo_factor }).await?;
        emitir(self.identidad, tx, sesion, usuario, expira_en).await
    }

    /// In a transaction of its own: the try itself left nothing behind.
    async fn anotar(&self, usuario: Option<UsuarioId>, resultado: Resultado, medio: Medio) -> Result<(), Problem> {
        if self.tenant.0.is_nil() {
            return Ok(());
        }
        let mut tx = self.anon.begin(self.tenant).await?;
        anotar(&mut tx, usuario, resultado, medio, &self.anon.origin).await?;
        tx.commit().await
    }
}

/// A pair of tokens for a session: the next link of its family.
pub async fn emitir(
    identidad: &Identidad,
    tx: &mut Tx,
    sesion: SesionId,
    usuario: UsuarioId,
    sesion_expira_en: jiff::Timestamp,
) -> Result<Tokens, Problem> {
    let (tenant, now) = (tx.who().tenant, tx.now());
    let (renovacion, resumen) = token::make(token::RENOVACION, tenant);
    let renovacion_expira_en = (now + identidad.settings().refresh_ttl).min(sesion_expira_en);
    store::insert_token(tx, sesion, &resumen, renovacion_expira_en).await?;
    let (token, expira_en) = identidad.access_token(tenant, usuario.0, Some(sesion), None, now)?;
    Ok(Tokens { token, expira_en, renovacion, renovacion_expira_en, sesion_id: sesion })
}
