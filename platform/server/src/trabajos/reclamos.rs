//! The clocks of the Libro de Reclamaciones, outside of requests.
use kernel::{Correo, Destino, Problem, SystemCtx};
use serde_json::json;

/// Writes to whoever may answer a sheet in its sede, when its term runs out and when it is over.
pub async fn velar_reclamos(system: &SystemCtx) -> Result<(), Problem> {
    let mut db = system.begin_jobs().await?;
    let due = reclamos::con_avisos(&mut db, system.app().now()).await?;
    db.commit().await?;
    for tenant in due {
        let mut tx = system.begin(tenant).await?;
        for aviso in reclamos::avisar(&mut tx).await? {
            for (usuario, correo) in organizacion::usuarios_con_permiso(&mut tx, aviso.sede, "reclamo.responder").await? {
                let ruta = format!("/reclamos/{}", aviso.reclamo);
                let datos = json!({ "codigo": aviso.codigo, "clase": aviso.tipo, "situacion": aviso.situacion, "ruta": ruta });
                let clave = format!("{}:{}:{usuario}", aviso.reclamo, aviso.nivel);
                let letter = Correo::new("reclamo_por_vencer", clave, Destino::Direccion(correo)).sede(aviso.sede).datos(datos);
                tx.enviar(&letter).await?;
            }
        }
        tx.commit().await?;
    }
    Ok(())
}
