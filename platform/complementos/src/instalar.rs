//! Installing, upgrading and going back, with the consent that each takes.
use crate::{
    activos::avisar,
    model::{
        Actualizacion, Actualizar, Anterior, ComplementoDetalle, Diferencia, Instalacion, Instalar, MOST, Motores, Permiso, Publicada,
        comparar, faltas_config, nuevos, orden, pedidos, uuid_de,
    },
    problemas::{
        ACTUALIZACION_FALLIDA, CONSENTIMIENTO_DISTINTO, DEMASIADOS_COMPLEMENTOS, SIN_VERSION_ANTERIOR, VERSION_NO_INSTALABLE, YA_INSTALADO,
    },
    store::{self, editores, ganchos, instalaciones, versiones},
    ver,
};
use jiff::SignedDuration;
use kernel::{Change, Ctx, Event, FieldError, Problem, Tx, permission::AdministrarComplementos, token};
use plugin_manifest::Package;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// An address for a plugin's webhook, as text.
pub const GANCHO: &str = "hg_";
/// An upgrade that was cut off is over after this time.
const CAMBIO: SignedDuration = SignedDuration::from_mins(3);

/// A version of this plugin that the chain may install now.
async fn instalable(tx: &mut Tx, complemento: &str, digest: &str) -> Result<Publicada, Problem> {
    let version = versiones::get(tx, digest).await?.filter(|one| one.complemento == complemento).ok_or_else(Problem::not_found)?;
    let editor = editores::get(tx, &version.editor).await?;
    let standing = editor.is_some_and(|editor| editor.activo && !editor.suspendido);
    if standing && version.instalable(store::cadena(tx).await?.sandbox) {
        return Ok(version);
    }
    Err(Problem::new(VERSION_NO_INSTALABLE)
        .detail("No está aprobada, fue retirada, o su editor está inactivo.")
        .with("estado", version.estado))
}

fn distinto(diferencia: Diferencia) -> Problem {
    let Diferencia { falta, sobra } = diferencia;
    Problem::new(CONSENTIMIENTO_DISTINTO).detail("Lea lo que pide y consienta exactamente eso.").with("falta", falta).with("sobra", sobra)
}

fn claves(paquete: &Package) -> BTreeSet<String> {
    pedidos(paquete).into_iter().map(|permiso| permiso.clave).collect()
}

pub async fn instalar(tx: &mut Tx, complemento: &str, datos: &Instalar) -> Result<ComplementoDetalle, Problem> {
    let version = instalable(tx, complemento, &datos.digest).await?;
    if version.version != datos.version {
        return Err(Problem::field("/version", format!("ese digest es de la versión {}", version.version)));
    }
    let asked = pedidos(&version.paquete);
    if let Some(diferencia) = comparar(&asked.iter().collect::<Vec<_>>(), &datos.consiente) {
        return Err(distinto(diferencia));
    }
    if instalaciones::count(tx).await? >= MOST {
        return Err(Problem::new(DEMASIADOS_COMPLEMENTOS));
    }
    if !instalaciones::insert(tx, complemento, &datos.digest, &claves(&version.paquete)).await? {
        return Err(Problem::new(YA_INSTALADO));
    }
    ajustar_ganchos(tx, complemento, &version.paquete).await?;
    note(tx, "instalar", complemento, None, &json!({ "version": version.version, "digest": version.digest, "consiente": datos.consiente }))
        .await?;
    ver::detalle(tx, complemento).await?.ok_or_else(Problem::not_found)
}

/// A line in the audit and a word to whoever listens.
pub async fn note(tx: &mut Tx, accion: &'static str, complemento: &str, antes: Option<Value>, despues: &Value) -> Result<(), Problem> {
    let mut change = Change::new(accion, "complemento", uuid_de(complemento));
    if let Some(antes) = antes {
        change = change.antes(antes);
    }
    tx.audit(change.despues(json!({ "complemento": complemento, "cambio": despues })));
    // Who listens to one kind of plugin need not look at the others.
    let mundo = instalaciones::installed(tx, complemento).await?.map(|installed| installed.mundo);
    tx.publish(Event::new("complemento.cambiado", json!({ "complemento": complemento, "accion": accion, "mundo": mundo })));
    Ok(())
}

/// An address for each webhook of the manifest: those that were there stay as they are, since a provider knows them.
async fn ajustar_ganchos(tx: &mut Tx, complemento: &str, paquete: &Package) -> Result<(), Problem> {
    let known: BTreeSet<String> = ganchos::list(tx, complemento).await?.into_iter().map(|(nombre, _)| nombre).collect();
    let wanted: BTreeSet<String> = paquete.manifest.webhooks.iter().map(|hook| hook.name.clone()).collect();
    for nombre in wanted.difference(&known) {
        acunar(tx, complemento, nombre).await?;
    }
    let gone: Vec<String> = known.difference(&wanted).cloned().collect();
    if gone.is_empty() { Ok(()) } else { ganchos::delete(tx, complemento, &gone).await }
}

/// A new secret address; the one before is over.
pub async fn acunar(tx: &mut Tx, complemento: &str, nombre: &str) -> Result<(), Problem> {
    let (text, resumen) = token::make(GANCHO, tx.who().tenant);
    ganchos::put(tx, complemento, nombre, &text, &resumen).await
}

/// What another version would ask for and not get along with.
pub async fn comparada(tx: &mut Tx, one: &Instalacion) -> Result<Actualizacion, Problem> {
    let current = versiones::get(tx, &one.digest).await?.ok_or_else(Problem::not_found)?;
    let sandbox = store::cadena(tx).await?.sandbox;
    let newest = versiones::newest(tx, sandbox, None, Some(&one.complemento)).await?.pop();
    let newest = newest.filter(|newest| newest.digest != current.digest && orden(&newest.version) >= orden(&current.version));
    let Some(newest) = newest else {
        return Ok(Actualizacion {
            desde: current.version,
            a: None,
            digest: None,
            nuevos: Vec::new(),
            sobran: Vec::new(),
            faltas: Vec::new(),
        });
    };
    let asked = pedidos(&newest.paquete);
    let kept: BTreeSet<String> = asked.iter().map(|permiso| permiso.clave.clone()).collect();
    let faltas = newest.paquete.check_config(&one.config).into_iter().map(crate::model::FaltaExamen::from).collect();
    Ok(Actualizacion {
        desde: current.version,
        nuevos: nuevos(&asked, &one.consentido).into_iter().cloned().collect(),
        sobran: one.consentido.difference(&kept).cloned().collect(),
        faltas,
        a: Some(newest.version),
        digest: Some(newest.digest),
    })
}

/// The first half of an upgrade: everything is checked and the row says the new version. Until [`terminar`] nothing new is called.
pub async fn empezar(tx: &mut Tx, complemento: &str, datos: &Actualizar) -> Result<(Instalacion, String), Problem> {
    let now = tx.now();
    let mut one = instalaciones::lock(tx, complemento).await?.ok_or_else(Problem::not_found)?;
    one.en_reposo(now)?;
    let current = versiones::get(tx, &one.digest).await?.ok_or_else(Problem::not_found)?;
    let next = instalable(tx, complemento, &datos.digest).await?;
    if next.digest == one.digest {
        return Err(Problem::field("/digest", "es la versión instalada"));
    }
    let asked = pedidos(&next.paquete);
    let new: Vec<&Permiso> = nuevos(&asked, &one.consentido);
    if let Some(diferencia) = comparar(&new, &datos.consiente) {
        return Err(distinto(diferencia));
    }
    let config = datos.config.clone().unwrap_or_else(|| one.config.clone());
    Problem::check(faltas_config(&next.paquete, &config))?;
    let before = Anterior { digest: one.digest.clone(), config: one.config.clone(), consentido: one.consentido.clone() };
    let back = one.clone();
    one.anterior = Some(before);
    one.digest.clone_from(&next.digest);
    one.consentido = claves(&next.paquete);
    one.config = config;
    one.en_cambio_hasta = Some(now + CAMBIO);
    if one.habilitado {
        let kept = store::secretos::since(tx, complemento).await?.into_keys().collect();
        // What is in quarantine is the code before, if any.
        Instalacion { cuarentena_desde: None, ..one.clone() }.habilitable(&next, &kept, one.sandbox)?;
    }
    instalaciones::save(tx, &one).await?;
    ajustar_ganchos(tx, complemento, &next.paquete).await?;
    let told = json!({ "de": current.version, "a": next.version, "digest": next.digest, "consiente": datos.consiente });
    note(tx, "actualizar", complemento, None, &told).await?;
    Ok((back, current.version))
}

/// The second half: the new version looks at what the old one left. If it cannot, everything is as it was.
pub async fn terminar(
    ctx: &Ctx<AdministrarComplementos>,
    motores: &Motores,
    complemento: &str,
    (back, desde): (Instalacion, String),
) -> Result<ComplementoDetalle, Problem> {
    avisar(ctx.app(), Some(ctx.tenant), None).await;
    let migrated = motores.0.migrar(ctx.tenant, complemento, &desde).await;
    let refused = match migrated {
        Ok(result) if result.ok || result.resultado == "unsupported" => None,
        Ok(result) => Some(
            Problem::new(ACTUALIZACION_FALLIDA)
                .detail(result.detalle.unwrap_or_else(|| format!("Respondió {}.", result.resultado)))
                .with("corrida", result.corrida),
        ),
        Err(problem) => Some(problem),
    };
    let mut tx = ctx.begin().await?;
    let mut one = instalaciones::lock(&mut tx, complemento).await?.ok_or_else(Problem::not_found)?;
    if refused.is_some() {
        (one.digest, one.config, one.consentido, one.anterior) = (back.digest, back.config, back.consentido, back.anterior);
        let version = versiones::get(&mut tx, &one.digest).await?.ok_or_else(Problem::not_found)?;
        ajustar_ganchos(&mut tx, complemento, &version.paquete).await?;
        note(&mut tx, "deshacer_actualizacion", complemento, None, &json!({ "version": version.version })).await?;
    }
    one.en_cambio_hasta = None;
    instalaciones::save(&mut tx, &one).await?;
    let shown = ver::detalle(&mut tx, complemento).await?.ok_or_else(Problem::not_found)?;
    tx.commit().await?;
    avisar(ctx.app(), Some(ctx.tenant), None).await;
    refused.map_or(Ok(shown), Err)
}

/// Back to the version before, as it was configured and agreed to. What runs now goes to its place, so that one can return.
pub async fn revertir(tx: &mut Tx, complemento: &str) -> Result<ComplementoDetalle, Problem> {
    let now = tx.now();
    let mut one = instalaciones::lock(tx, complemento).await?.ok_or_else(Problem::not_found)?;
    one.en_reposo(now)?;
    let before = one.anterior.take().ok_or_else(|| Problem::new(SIN_VERSION_ANTERIOR))?;
    let version = instalable(tx, complemento, &before.digest).await?;
    let current = Anterior { digest: one.digest, config: one.config, consentido: one.consentido };
    let told = json!({ "version": version.version, "digest": version.digest });
    one.anterior = Some(current);
    one.digest = before.digest;
    one.config = before.config;
    one.consentido = before.consentido;
    instalaciones::save(tx, &one).await?;
    ajustar_ganchos(tx, complemento, &version.paquete).await?;
    note(tx, "revertir", complemento, None, &told).await?;
    ver::detalle(tx, complemento).await?.ok_or_else(Problem::not_found)
}

/// What is wrong with the sedes that somebody named.
pub async fn exigir_sedes(tx: &mut Tx, sedes: Option<&[kernel::ids::SedeId]>) -> Result<(), Problem> {
    let Some(sedes) = sedes else { return Ok(()) };
    let unknown = store::unknown_sedes(tx, sedes).await?;
    Problem::check(unknown.iter().map(|position| FieldError::new(format!("/sedes/{position}"), "no existe en la cadena")).collect())
}
