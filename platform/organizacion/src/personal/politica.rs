//! The chain's policy in casbin: its model and lines, as they can be read and asked. Roles and assignments
//! are its editor; requests are decided by the sets of [`super::acceso`], which a property test holds equal
//! to `enforce`.
use super::store;
use casbin::{Adapter, CoreApi, DefaultModel, Enforcer, Filter, Model};
use kernel::{
    Problem, Tx,
    ids::{SedeId, UsuarioId},
    permission::{CATALOGUE, Scope, index_of},
};
use serde::Serialize;
use utoipa::ToSchema;

/// A role is held in a sede or, with `*`, in the whole chain. A permission of scope `cadena` counts only when
/// the role is held in the whole chain.
pub const MODELO: &str = r#"[request_definition]
r = usuario, sede, permiso

[policy_definition]
p = rol, permiso, alcance

[role_definition]
g = _, _, _

[policy_effect]
e = some(where (p.eft == allow))

[matchers]
m = r.permiso == p.permiso && (g(r.usuario, p.rol, "*") || p.alcance == "sede" && g(r.usuario, p.rol, r.sede))
"#;

/// The whole chain, as a domain.
const CADENA: &str = "*";

/// The lines of one chain's policy: `p, rol, permiso, alcance` and `g, usuario, rol, sede`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lineas {
    p: Vec<[String; 3]>,
    g: Vec<[String; 3]>,
}

impl Lineas {
    /// From (role, permission) and (person, role, sede or whole chain).
    pub fn new(
        permisos: impl IntoIterator<Item = (String, String)>,
        asignaciones: impl IntoIterator<Item = (UsuarioId, String, Option<SedeId>)>,
    ) -> Self {
        let line = |(rol, permiso): (String, String)| {
            let alcance = match CATALOGUE[index_of(&permiso)?].alcance {
                Scope::Sede => "sede",
                Scope::Cadena => "cadena",
            };
            Some([rol, permiso, alcance.to_owned()])
        };
        Self {
            p: permisos.into_iter().filter_map(line).collect(),
            g: asignaciones.into_iter().map(|(usuario, rol, sede)| [usuario.to_string(), rol, domain(sede)]).collect(),
        }
    }

    pub async fn load(tx: &mut Tx) -> Result<Self, Problem> {
        Ok(Self::new(store::roles::policy(tx).await?, store::asignaciones::policy(tx).await?))
    }

    /// The lines that can decide whether this person may do this: by [`MODELO`] no other is looked at.
    pub fn about(mut self, usuario: UsuarioId, permiso: &str) -> Self {
        let subject = usuario.to_string();
        self.p.retain(|p| p[1] == permiso);
        self.g.retain(|g| g[0] == subject);
        self
    }

    /// As casbin writes policies, a line each.
    pub fn to_text(&self) -> String {
        let line = |kind: &str, line: &[String; 3]| format!("{kind}, {}\n", line.join(", "));
        self.p.iter().map(|p| line("p", p)).chain(self.g.iter().map(|g| line("g", g))).collect()
    }
}

fn domain(sede: Option<SedeId>) -> String {
    sede.map_or_else(|| CADENA.to_owned(), |sede| sede.to_string())
}

/// casbin's view of the tables. They were read before, in the transaction, under row-level security; and they
/// are written by the requests about roles and assignments alone.
struct Tables(Lineas);

fn read_only<T>() -> casbin::Result<T> {
    let error = std::io::Error::other("the policy is changed through roles and assignments");
    Err(casbin::error::AdapterError(Box::new(error)).into())
}

#[async_trait::async_trait]
impl Adapter for Tables {
    async fn load_policy(&mut self, model: &mut dyn Model) -> casbin::Result<()> {
        let rules = |lines: &[[String; 3]]| lines.iter().map(|line| line.to_vec()).collect::<Vec<_>>();
        model.add_policies("p", "p", rules(&self.0.p));
        model.add_policies("g", "g", rules(&self.0.g));
        Ok(())
    }
    async fn load_filtered_policy<'a>(&mut self, model: &mut dyn Model, _: Filter<'a>) -> casbin::Result<()> {
        self.load_policy(model).await
    }
    fn is_filtered(&self) -> bool {
        false
    }
    async fn save_policy(&mut self, _: &mut dyn Model) -> casbin::Result<()> {
        read_only()
    }
    async fn clear_policy(&mut self) -> casbin::Result<()> {
        read_only()
    }
    async fn add_policy(&mut self, _: &str, _: &str, _: Vec<String>) -> casbin::Result<bool> {
        read_only()
    }
    async fn add_policies(&mut self, _: &str, _: &str, _: Vec<Vec<String>>) -> casbin::Result<bool> {
        read_only()
    }
    async fn remove_policy(&mut self, _: &str, _: &str, _: Vec<String>) -> casbin::Result<bool> {
        read_only()
    }
    async fn remove_policies(&mut self, _: &str, _: &str, _: Vec<Vec<String>>) -> casbin::Result<bool> {
        read_only()
    }
    async fn remove_filtered_policy(&mut self, _: &str, _: &str, _: usize, _: Vec<String>) -> casbin::Result<bool> {
        read_only()
    }
}

/// Si una persona puede algo en una sede, y qué regla lo decide.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Decision {
    pub permitido: bool,
    /// Las líneas de la política que lo permiten: la del permiso (`p`) y la de la asignación (`g`).
    pub reglas: Vec<String>,
}

/// One chain's policy, ready to be asked.
pub struct Politica {
    enforcer: Enforcer,
    /// To say which lines decided.
    lineas: Lineas,
}

impl Politica {
    pub async fn new(lineas: Lineas) -> casbin::Result<Self> {
        let model = DefaultModel::from_str(MODELO).await?;
        Ok(Self { enforcer: Enforcer::new(model, Tables(lineas.clone())).await?, lineas })
    }

    /// casbin's own answer; `sede` none asks for the whole chain.
    pub fn permits(&self, usuario: UsuarioId, sede: Option<SedeId>, permiso: &str) -> casbin::Result<bool> {
        self.enforcer.enforce((usuario.to_string(), domain(sede), permiso))
    }

    /// The answer with the lines that give it. casbin names no line, so it is asked with each line alone: the
    /// permission that suffices, then the assignment that suffices with it.
    pub async fn decide(&self, usuario: UsuarioId, sede: Option<SedeId>, permiso: &str) -> casbin::Result<Decision> {
        let mut decision = Decision { permitido: self.permits(usuario, sede, permiso)?, reglas: Vec::new() };
        if !decision.permitido {
            return Ok(decision);
        }
        let (own, subject) = (&self.lineas, usuario.to_string());
        for p in own.p.iter().filter(|p| p[1] == permiso) {
            for g in own.g.iter().filter(|g| g[0] == subject) {
                let alone = Lineas { p: vec![p.clone()], g: vec![g.clone()] };
                if Self::new(alone).await?.permits(usuario, sede, permiso)? {
                    decision.reglas = vec![format!("p, {}", p.join(", ")), format!("g, {}", g.join(", "))];
                    return Ok(decision);
                }
            }
        }
        Ok(decision)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::acceso::compile, *};
    use proptest::{collection::vec, prelude::*, sample::select, test_runner::TestCaseError};

    const ROLES: [&str; 4] = ["r0", "r1", "r2", "r3"];

    fn id<T: From<uuid::Uuid>>(number: u8) -> T {
        uuid::Uuid::from_u128(u128::from(number) + 1).into()
    }

    /// Also permissions that the catalogue does not have (any more).
    fn permissions() -> impl Strategy<Value = Vec<(String, String)>> {
        let keys: Vec<&str> = CATALOGUE.iter().map(|entry| entry.clave).chain(["retirado.ver"]).collect();
        vec((select(ROLES.to_vec()), select(keys)), 0..30)
            .prop_map(|lines| lines.into_iter().map(|(rol, permiso)| (rol.to_owned(), permiso.to_owned())).collect())
    }

    fn assignments() -> impl Strategy<Value = Vec<(UsuarioId, String, Option<SedeId>)>> {
        let sede = prop_oneof![1 => Just(None), 3 => (0..3u8).prop_map(|sede| Some(id(10 + sede)))];
        vec((0..3u8, select(ROLES.to_vec()), sede), 0..10)
            .prop_map(|lines| lines.into_iter().map(|(usuario, rol, sede)| (id(usuario), rol.to_owned(), sede)).collect())
    }

    /// What the SQL of `granted` gives: assignments joined with the permissions of their roles.
    fn granted(
        usuario: UsuarioId,
        permisos: &[(String, String)],
        asignaciones: &[(UsuarioId, String, Option<SedeId>)],
    ) -> Vec<(Option<SedeId>, String)> {
        let own = asignaciones.iter().filter(|(who, ..)| *who == usuario);
        own.flat_map(|(_, rol, sede)| permisos.iter().filter(move |(of, _)| of == rol).map(|(_, permiso)| (*sede, permiso.clone())))
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn the_sets_say_what_casbin_says(permisos in permissions(), asignaciones in assignments()) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
            let lineas = Lineas::new(permisos.clone(), asignaciones.clone());
            let politica = runtime.block_on(Politica::new(lineas)).expect("a policy");
            for usuario in (0..3u8).map(id::<UsuarioId>) {
                let access = compile(granted(usuario, &permisos, &asignaciones));
                for sede in [None, Some(id(10)), Some(id(11)), Some(id(12))] {
                    for (index, entry) in CATALOGUE.iter().enumerate() {
                        let permitted = politica.permits(usuario, sede, entry.clave).map_err(|e| TestCaseError::fail(e.to_string()))?;
                        let set = sede.map_or(access.cadena, |sede: SedeId| access.in_sede(sede));
                        prop_assert_eq!(permitted, set.contains(index), "{} {:?} {}", usuario, sede, entry.clave);
                        if let Some(sede) = sede {
                            let reachable = access.sedes_with(index).is_some_and(|sedes| sedes.contains(sede));
                            prop_assert_eq!(permitted, reachable, "what Ctx asks");
                        }
                    }
                }
            }
        }
    }

    #[tokio::test]
    async fn a_vet_in_a_who_administers_b_cannot_administer_a() {
        let (ana, a, b): (UsuarioId, SedeId, SedeId) = (id(1), id(2), id(3));
        let permiso = |rol: &str, permiso: &str| (rol.to_owned(), permiso.to_owned());
        let permisos = vec![
            permiso("veterinario", "cita.atender"),
            permiso("jefatura", "usuario.administrar"),
            permiso("jefatura", "rol.administrar"),
        ];
        let asignaciones = vec![(ana, "veterinario".to_owned(), Some(a)), (ana, "jefatura".to_owned(), Some(b))];
        let politica = Politica::new(Lineas::new(permisos, asignaciones)).await.expect("a policy");
        let may = |sede, permiso| politica.permits(ana, sede, permiso).expect("a decision");
        assert!(may(Some(a), "cita.atender"));
        assert!(!may(Some(a), "usuario.administrar"));
        assert!(may(Some(b), "usuario.administrar"));
        assert!(!may(Some(b), "rol.administrar"), "a permission for the whole chain is not held through one sede");
        assert!(!may(None, "usuario.administrar"));
        let decision = politica.decide(ana, Some(b), "usuario.administrar").await.expect("a decision");
        assert!(decision.permitido);
        assert_eq!(decision.reglas, ["p, jefatura, usuario.administrar, sede".to_owned(), format!("g, {ana}, jefatura, {b}")]);
    }
}
