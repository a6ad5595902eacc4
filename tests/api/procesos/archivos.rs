//! Files in and out by command, as an operator gives it.
use super::huella;
use huella_tests::Huella;
use std::{path::PathBuf, process::Output};

struct Operador {
    huella: Huella,
    folder: PathBuf,
}

impl Operador {
    async fn start() -> Self {
        let folder = std::env::temp_dir().join(format!("huella-archivos-{}", uuid::Uuid::now_v7().simple()));
        std::fs::create_dir_all(&folder).expect("a folder");
        Self { huella: Huella::start().await, folder }
    }
    fn path(&self, name: &str) -> String {
        self.folder.join(name).to_string_lossy().into_owned()
    }
    fn writes(&self, name: &str, text: &str) -> String {
        std::fs::write(self.folder.join(name), text).expect("a file");
        self.path(name)
    }
    async fn orders(&self, words: &[&str]) -> Output {
        let mut command = huella();
        command.args(words).env("DATABASE_URL", self.huella.url()).env("HUELLA_CLAVES", self.huella.claves());
        command.output().await.expect("ran")
    }
    /// What it said.
    async fn done(&self, words: &[&str]) -> String {
        let output = self.orders(words).await;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    }
    async fn owners(&self) -> i64 {
        self.huella.scalar("select count(*) from tutores").await
    }
}

impl Drop for Operador {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[tokio::test]
async fn a_file_is_tried_imported_and_taken_back_by_command() {
    let operador = Operador::start().await;
    let file = operador.writes("clientes.csv", "Quién;Apellidos;DNI\nAna;Poma;12345678\nLuis;Soto;123\n");
    let (bad, import) =
        (operador.path("malas.csv"), ["import", &file, "--cadena", "andina", "--tipo", "tutores", "--columna", "nombres=Quién"]);
    let tried = operador.done(&[&import[..], &["--probar"]].concat()).await;
    assert!(tried.contains("1 nuevas, 0 actualizadas, 0 omitidas, 1 con errores"), "{tried}");
    assert_eq!(operador.owners().await, 0);
    let done = operador.done(&[&import[..], &["--errores", &bad]].concat()).await;
    assert!(done.contains("1 nuevas") && operador.owners().await == 1, "{done}");
    assert!(std::fs::read_to_string(&bad).expect("the bad rows").contains("Luis;Soto;123;DNI: un DNI tiene 8 dígitos"));
    let again = operador.done(&import).await;
    assert!(again.contains("0 nuevas, 0 actualizadas, 1 omitidas"), "{again}");
    let id = done.split_whitespace().nth(1).expect("an id").trim_end_matches(':').to_owned();
    let back = operador.done(&["import", "--cadena", "andina", "--deshacer", &id]).await;
    assert!(back.contains("deshecha") && operador.owners().await == 0, "{back}");
    let nowhere = operador.orders(&["import", &file, "--cadena", "ninguna", "--tipo", "tutores"]).await;
    assert!(!nowhere.status.success() && String::from_utf8_lossy(&nowhere.stderr).contains("ninguna"));
}

#[tokio::test]
async fn a_chain_goes_out_and_comes_in_by_command() {
    let operador = Operador::start().await;
    let file = operador.writes("clientes.csv", "Nombres;Apellidos;DNI\nAna;Poma;12345678\n");
    operador.done(&["import", &file, "--cadena", "andina", "--tipo", "tutores"]).await;
    let zip = operador.path("andina.zip");
    let out = operador.done(&["export", "--cadena", "andina", "--a", &zip]).await;
    assert!(out.contains("datos personales"), "{out}");
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(std::fs::metadata(&zip).expect("a file").permissions().mode() & 0o777, 0o600, "for nobody else's eyes");
    let twice = operador.orders(&["export", "--cadena", "andina", "--a", &zip]).await;
    assert!(!twice.status.success(), "nothing is overwritten");
    let taken = operador.orders(&["import", "--completo", &zip]).await;
    assert!(String::from_utf8_lossy(&taken.stderr).contains("--cadena"), "{taken:?}");
    let came = operador.done(&["import", "--completo", &zip, "--cadena", "andina-copia"]).await;
    assert!(came.contains("andina-copia") && operador.owners().await == 2, "{came}");
}
