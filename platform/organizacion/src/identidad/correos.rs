//! What identity writes to people.
use super::{
    Settings,
    cuenta::{
        enlaces::{Tipo, crear},
        store,
    },
};
use kernel::{
    Problem, SystemCtx, Tx,
    ids::{TenantId, UsuarioId},
    ports::Mail,
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

#[derive(Deserialize)]
struct Invitada {
    usuario_id: UsuarioId,
    /// Sealed: the outbox is no place for a secret.
    enlace: String,
}

#[derive(Deserialize)]
struct CorreoCambiado {
    usuario_id: UsuarioId,
    /// The address before, sealed.
    anterior: String,
}

#[derive(Deserialize)]
struct DeUsuario {
    usuario_id: UsuarioId,
}

pub async fn on_event(settings: &Settings, system: &SystemCtx, tenant: TenantId, tema: &str, cuerpo: &Value) -> Result<bool, Problem> {
    if !tema.starts_with("cuenta.") {
        return Ok(false);
    }
    let mut tx = system.begin(tenant).await?;
    let mail = match tema {
        "cuenta.invitada" => invitacion(settings, system, &mut tx, read(cuerpo)?).await?,
        "cuenta.olvidada" => olvido(settings, &mut tx, read(cuerpo)?).await?,
        "cuenta.correo_cambiado" => correo_cambiado(system, &mut tx, read(cuerpo)?).await?,
        "cuenta.contrasena_cambiada" => aviso(&mut tx, read(cuerpo)?, "Su contraseña cambió", CONTRASENA).await?,
        "cuenta.segundo_factor_activado" => aviso(&mut tx, read(cuerpo)?, "Se activó su segundo factor", ACTIVADO).await?,
        "cuenta.segundo_factor_retirado" => aviso(&mut tx, read(cuerpo)?, "Se retiró su segundo factor", RETIRADO).await?,
        _ => return Ok(false),
    };
    // First what was written, then the world: a mail that fails makes the relay come back.
    tx.commit().await?;
    if let Some(mail) = mail {
        system.app().mailer().send(mail).await?;
    }
    Ok(true)
}

fn read<T: DeserializeOwned>(cuerpo: &Value) -> Result<T, Problem> {
    T::deserialize(cuerpo).map_err(Problem::internal)
}

const CONTRASENA: &str = "La contraseña de su cuenta cambió y se cerraron sus otras sesiones.";
const CORREO: &str = "El correo de su cuenta cambió: desde ahora se entra con otro, y este ya no recibe sus enlaces.";
const ACTIVADO: &str = "Se activó un segundo factor en su cuenta: para entrar hace falta también un código de la aplicación.";
const RETIRADO: &str = "Se retiró el segundo factor de su cuenta: ahora basta la contraseña para entrar.";

/// A person as a mail needs them; `None` when there is nobody to write to (any more).
struct Persona {
    nombres: String,
    correo: String,
    cadena: String,
    sin_contrasena: bool,
}

async fn persona(tx: &mut Tx, usuario: UsuarioId) -> Result<Option<Persona>, Problem> {
    let Some(credencial) = store::por_id(tx, usuario).await?.filter(|credencial| credencial.activo) else { return Ok(None) };
    let Some(correo) = store::correo(tx, usuario).await? else { return Ok(None) };
    let cadena = store::cadena_nombre(tx).await?;
    Ok(Some(Persona { nombres: credencial.nombres, correo, cadena, sin_contrasena: credencial.contrasena.is_none() }))
}

/// The secret comes after `#`: browsers do not send that part, so it stays out of the logs of servers.
fn direccion(settings: &Settings, pagina: &str, enlace: &str) -> String {
    format!("{}/cuenta/{pagina}#{enlace}", settings.base_url)
}

async fn invitacion(settings: &Settings, system: &SystemCtx, tx: &mut Tx, evento: Invitada) -> Result<Option<Mail>, Problem> {
    let Some(persona) = persona(tx, evento.usuario_id).await?.filter(|persona| persona.sin_contrasena) else { return Ok(None) };
    let enlace = system.app().keyring().open_for_tenant(tx.who().tenant, "enlace", &evento.enlace)?;
    let enlace = direccion(settings, "aceptar", &String::from_utf8_lossy(&enlace));
    let text = format!(
        "Hola, {}:\n\n{} le invita a su sistema de atención. Para entrar, elija su contraseña aquí:\n\n{enlace}\n\n\
         El enlace sirve una vez y vence en siete días. Si no esperaba este correo, no haga nada.\n",
        persona.nombres, persona.cadena
    );
    Ok(Some(Mail::plain(persona.correo, format!("Invitación a {}", persona.cadena), text)))
}

/// Earlier links stay good: whoever asks again and again cannot void the one that the person is about to use. Who never
/// accepted an invitation gets in this way too.
async fn olvido(settings: &Settings, tx: &mut Tx, evento: DeUsuario) -> Result<Option<Mail>, Problem> {
    let Some(persona) = persona(tx, evento.usuario_id).await? else { return Ok(None) };
    let enlace = direccion(settings, "restablecer", &crear(tx, evento.usuario_id, Tipo::Restablecer).await?);
    let text = format!(
        "Hola, {}:\n\nAlguien pidió elegir otra contraseña para su cuenta en {}. Si fue usted, hágalo aquí:\n\n{enlace}\n\n\
         El enlace sirve una vez y vence en una hora. Si no fue usted, no haga nada: su contraseña sigue igual.\n",
        persona.nombres, persona.cadena
    );
    Ok(Some(Mail::plain(persona.correo, format!("Elija otra contraseña en {}", persona.cadena), text)))
}

async fn aviso(tx: &mut Tx, evento: DeUsuario, subject: &str, text: &str) -> Result<Option<Mail>, Problem> {
    Ok(persona(tx, evento.usuario_id).await?.map(|persona| carta(persona, subject, text)))
}

/// To the address before: at the new one nobody would miss the account.
async fn correo_cambiado(system: &SystemCtx, tx: &mut Tx, evento: CorreoCambiado) -> Result<Option<Mail>, Problem> {
    let Some(persona) = persona(tx, evento.usuario_id).await? else { return Ok(None) };
    let anterior = system.app().keyring().open_for_tenant(tx.who().tenant, "correo", &evento.anterior)?;
    let anterior = Persona { correo: String::from_utf8_lossy(&anterior).into_owned(), ..persona };
    Ok(Some(carta(anterior, "Cambió el correo de su cuenta", CORREO)))
}

fn carta(persona: Persona, subject: &str, text: &str) -> Mail {
    let text = format!("Hola, {}:\n\n{text}\n\nSi no fue usted ni lo pidió, avise a su administrador.\n", persona.nombres);
    Mail::plain(persona.correo, format!("{subject} en {}", persona.cadena), text)
}
