//! `huella tenant apply`: a chain from its folder. Each crate reads and applies its own sections.
use anyhow::{Context, Result, bail};
use citas::{AgendaSeccion, AutoreservaSeccion, Conocidos, FeriadoSeccion, HorarioSeccion, NuevoFeriado, PlanSeccion};
use historias::VacunasArchivo;
use kernel::{
    Problem, SystemCtx, Tx,
    apply::{self, Fault, Report},
    ids::TenantId,
};
use organizacion::{CadenaSeccion, EntidadLegalSeccion, Opciones, PersonaSeccion, RolSeccion, Seccion, SedeSeccion, identidad::Identidad};
use pacientes::EspeciesArchivo;
use serde::{Deserialize, de::DeserializeOwned};
use std::{collections::BTreeSet, path::Path};
use utoipa::ToSchema;

/// `_base/roles.toml`
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RolesArchivo {
    roles: Vec<RolSeccion>,
}

/// `_base/feriados.toml`
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FeriadosArchivo {
    feriados: Vec<FeriadoSeccion>,
}

/// `<chain>/tenant.toml`
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TenantArchivo {
    cadena: CadenaSeccion,
    #[serde(default)]
    roles: Vec<RolSeccion>,
    #[serde(default)]
    entidades_legales: Vec<EntidadLegalSeccion>,
    #[serde(default)]
    sedes: Vec<SedeSeccion>,
    #[serde(default)]
    personal: Vec<PersonaSeccion>,
    #[serde(default)]
    servicios: Vec<catalogo::ServicioSeccion>,
    #[serde(default)]
    horarios: Vec<HorarioSeccion>,
    #[serde(default)]
    planes: Vec<PlanSeccion>,
    #[serde(default)]
    autoreservas: Vec<AutoreservaSeccion>,
    /// Of its regions, besides those of the platform.
    #[serde(default)]
    feriados: Vec<NuevoFeriado>,
    #[serde(default)]
    correos: Option<alertas::DatosAjustes>,
    #[serde(default)]
    plantillas: Vec<alertas::PlantillaSeccion>,
}

/// All files of one chain, read.
struct Files {
    roles: RolesArchivo,
    especies: EspeciesArchivo,
    vacunas: VacunasArchivo,
    feriados: FeriadosArchivo,
    tenant: TenantArchivo,
    /// The chain's file as reports call it: `andes/tenant.toml`.
    name: String,
}

impl Files {
    fn read(base: &Path, chain: &Path) -> Result<Self> {
        let mut faults = Vec::new();
        let folder = chain.file_name().unwrap_or_default().to_string_lossy();
        let name = format!("{folder}/tenant.toml");
        let roles = file::<RolesArchivo>(&base.join("roles.toml"), "_base/roles.toml", &mut faults)?;
        let especies = file::<EspeciesArchivo>(&base.join("especies.toml"), "_base/especies.toml", &mut faults)?;
        let vacunas = file::<VacunasArchivo>(&base.join("vacunas.toml"), "_base/vacunas.toml", &mut faults)?;
        let feriados = file::<FeriadosArchivo>(&base.join("feriados.toml"), "_base/feriados.toml", &mut faults)?;
        let tenant = file::<TenantArchivo>(&chain.join("tenant.toml"), &name, &mut faults)?;
        match (roles, especies, vacunas, feriados, tenant) {
            (Some(roles), Some(especies), Some(vacunas), Some(feriados), Some(tenant)) => {
                Ok(Self { roles, especies, vacunas, feriados, tenant, name })
            }
            _ => refuse(&faults),
        }
    }

    fn organizacion(&self) -> Seccion<'_> {
        let tenant = &self.tenant;
        Seccion {
            roles_base: &self.roles.roles,
            roles: &tenant.roles,
            entidades_legales: &tenant.entidades_legales,
            sedes: &tenant.sedes,
            personal: &tenant.personal,
        }
    }
}

fn file<T: DeserializeOwned + ToSchema + 'static>(path: &Path, name: &str, faults: &mut Vec<Fault>) -> Result<Option<T>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("no se puede leer {}", path.display()))?;
    match apply::read(name, &text) {
        Ok(read) => Ok(Some(read)),
        Err(mut wrong) => {
            faults.append(&mut wrong);
            Ok(None)
        }
    }
}

fn refuse<T>(faults: &[Fault]) -> Result<T> {
    bail!(
        "Hay {} error(es) en los archivos:\n{}",
        faults.len(),
        faults.iter().map(|fault| format!("  {fault}")).collect::<Vec<_>>().join("\n")
    )
}

/// Applies one chain, all in one transaction. `clave_demo` gives everybody that password instead of an invitation.
pub async fn apply(system: &SystemCtx, identidad: &Identidad, base: &Path, chain: &Path, clave_demo: Option<&str>) -> Result<Report> {
    let files = Files::read(base, chain)?;
    let mut faults = organizacion::revisar(&files.organizacion());
    faults.extend(alertas::revisar(files.tenant.correos.as_ref(), &files.tenant.plantillas));
    let faults: Vec<Fault> = faults.into_iter().map(|fault| fault.in_file(&files.name)).collect();
    if !faults.is_empty() {
        return refuse(&faults);
    }
    let clave = match clave_demo {
        Some(clave) => Some(identidad.hash(clave).await.map_err(said)?),
        None => None,
    };
    let mut report = Report::default();
    let tenant = register(system, &files, &mut report).await.map_err(said)?;
    let mut tx = system.begin(tenant).await.map_err(said)?;
    let faults = sections(&mut tx, &files, clave.as_deref(), &mut report).await.map_err(said)?;
    if !faults.is_empty() {
        return refuse(&faults);
    }
    tx.commit().await.map_err(said)?;
    Ok(report)
}

/// What belongs to the platform and not to the chain.
async fn register(system: &SystemCtx, files: &Files, report: &mut Report) -> Result<TenantId, Problem> {
    let mut tx = system.begin_operador().await?;
    let tenant = organizacion::registrar(&mut tx, &files.tenant.cadena, system.app().now(), report).await?;
    citas::aplicar_feriados(&mut tx, &files.feriados.feriados).await?;
    tx.commit().await?;
    Ok(tenant)
}

async fn sections(tx: &mut Tx, files: &Files, clave: Option<&str>, report: &mut Report) -> Result<Vec<Fault>, Problem> {
    let tenant = &files.tenant;
    organizacion::aplicar(tx, &files.organizacion(), &Opciones { clave_demo: clave }, report).await?;
    pacientes::aplicar(tx, &files.especies.especies, report).await?;
    let mut faults = historias::aplicar(tx, &files.vacunas, report).await?;
    let planned = tenant.planes.iter().map(|plan| &plan.medico);
    let offered = tenant.autoreservas.iter().flat_map(|autoreserva| &autoreserva.medicos);
    let named = tenant.servicios.iter().flat_map(|servicio| &servicio.medicos).chain(planned).chain(offered);
    let correos: BTreeSet<String> = named.map(|correo| kernel::text::email(correo)).collect();
    let correos: Vec<&str> = correos.iter().map(String::as_str).collect();
    let medicos = organizacion::usuarios_por_correo(tx, &correos).await?;
    faults.extend(catalogo::aplicar(tx, &tenant.servicios, &medicos, report).await?);
    let servicios = catalogo::por_codigo(tx).await?;
    let conocidos = Conocidos { medicos: &medicos, servicios: &servicios };
    let agenda = AgendaSeccion {
        horarios: tenant.horarios.clone(),
        planes: tenant.planes.clone(),
        autoreservas: tenant.autoreservas.clone(),
        feriados: tenant.feriados.clone(),
    };
    faults.extend(citas::aplicar(tx, &agenda, conocidos, report).await?);
    alertas::aplicar(tx, tenant.correos.as_ref(), &tenant.plantillas, report).await?;
    Ok(faults.into_iter().map(|fault| fault.in_file(&files.name)).collect())
}

/// Somebody of a chain's file who holds a role.
#[derive(Debug)]
pub struct Login {
    pub rol: String,
    pub correo: String,
}

/// The chain's key, and the first person of each role.
pub fn logins(chain: &Path) -> Result<(String, Vec<Login>)> {
    let mut faults = Vec::new();
    let Some(tenant) = file::<TenantArchivo>(&chain.join("tenant.toml"), "tenant.toml", &mut faults)? else { return refuse(&faults) };
    let mut logins: Vec<Login> = Vec::new();
    for person in &tenant.personal {
        for asignacion in &person.asignaciones {
            if logins.iter().all(|login| login.rol != asignacion.rol) {
                logins.push(Login { rol: asignacion.rol.clone(), correo: person.correo.clone() });
            }
        }
    }
    Ok((tenant.cadena.clave, logins))
}

/// A problem as a person at a terminal reads it.
pub(crate) fn said(problem: Problem) -> anyhow::Error {
    let json = serde_json::to_value(&problem).unwrap_or_default();
    let part = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
    let errors: Vec<String> =
        json["errors"].as_array().into_iter().flatten().map(|e| format!("\n  {} {}", e["pointer"], e["detail"])).collect();
    anyhow::anyhow!("{} {}{}", part("title"), part("detail"), errors.concat())
}
