//! The files of a journal beside its store.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufWriter, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use redb::backends::FileBackend;

use super::error::JournalError;

const SNAPSHOT: &str = "snapshot-";
/// Names of files that are not complete end with this.
const UNFINISHED: &str = ".new";

/// What is done with snapshots on the disk; tests put in what fails and forgets.
pub(crate) trait Files: core::fmt::Debug + Send + Sync {
    /// Makes a file, or an empty one of the one that is there.
    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>>;
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Has the names in a directory be durable.
    fn sync_names(&self, directory: &Path) -> io::Result<()>;
}

/// A file that is written.
pub(crate) trait Output: core::fmt::Debug + io::Write + Send {
    /// Has what was written be durable.
    fn sync(&mut self) -> io::Result<()>;
}

/// The files of the system.
#[derive(Debug)]
pub(super) struct SystemFiles;

impl Files for SystemFiles {
    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>> {
        Ok(Box::new(File::create(path)?))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn sync_names(&self, directory: &Path) -> io::Result<()> {
        // Elsewhere a directory cannot be opened, and a rename is durable by itself.
        if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
    }
}

impl Output for File {
    fn sync(&mut self) -> io::Result<()> {
        self.sync_all()
    }
}

/// A directory that this process alone uses.
#[derive(Debug)]
pub(crate) struct Directory {
    path: PathBuf,
    files: Arc<dyn Files>,
    /// Locked as long as it is open.
    _lock: File,
}

impl Directory {
    /// Makes the directory if there is none, and locks it.
    pub(super) fn open(path: &Path, files: &Arc<dyn Files>) -> Result<Self, JournalError> {
        make_directory(path).map_err(JournalError::io(path))?;
        let lock_path = path.join("lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&lock_path);
        let lock = lock.map_err(JournalError::io(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(JournalError::InUse(path.to_owned())),
            Err(TryLockError::Error(error)) => return Err(JournalError::Io(lock_path, error)),
        }
        Ok(Self { path: path.to_owned(), files: Arc::clone(files), _lock: lock })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn store(&self) -> PathBuf {
        self.path.join("journal.redb")
    }

    /// The name that the store has until it is complete.
    pub(super) fn unfinished_store(&self) -> PathBuf {
        self.path.join(format!("journal.redb{UNFINISHED}"))
    }

    pub(super) fn watermark(&self) -> PathBuf {
        self.path.join("watermark")
    }

    pub(super) fn snapshot(&self, next: u64) -> PathBuf {
        self.path.join(format!("{SNAPSHOT}{next:020}"))
    }

    /// The numbers of the snapshots that are complete.
    pub(super) fn snapshots(&self) -> io::Result<Vec<u64>> {
        let mut numbers = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let name = entry?.file_name();
            let number = name.to_str().and_then(|name| name.strip_prefix(SNAPSHOT)?.parse::<u64>().ok());
            numbers.extend(number);
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// Removes what a process that died had not completed.
    pub(super) fn remove_unfinished(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            if entry.file_name().to_str().is_some_and(|name| name.ends_with(UNFINISHED)) {
                self.files.remove(&entry.path())?;
            }
        }
        Ok(())
    }

    /// Has the names of the files be durable.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.files.sync_names(&self.path)
    }

    pub(crate) fn begin_snapshot(&self) -> io::Result<SnapshotFile> {
        let path = self.path.join(format!("{SNAPSHOT}{UNFINISHED}"));
        let file = BufWriter::with_capacity(1 << 20, self.files.create(&path)?);
        Ok(SnapshotFile { path, files: Arc::clone(&self.files), file, size: 0, error: None })
    }
}

/// Makes a directory that nobody else may look into, unless it is there, and has its name be durable.
fn make_directory(path: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = path.ancestors().take_while(|path| !path.exists()).collect();
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)?;
    for parent in missing.into_iter().filter_map(Path::parent) {
        let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
        if cfg!(unix) {
            File::open(parent)?.sync_all()?;
        }
    }
    Ok(())
}

/// A snapshot on its way to the disk. What fails on the way is kept until the end.
#[derive(Debug)]
pub(crate) struct SnapshotFile {
    path: PathBuf,
    files: Arc<dyn Files>,
    file: BufWriter<Box<dyn Output>>,
    size: u64,
    error: Option<io::Error>,
}

impl SnapshotFile {
    /// Writes a piece.
    pub(crate) fn write(&mut self, piece: &[u8]) {
        if self.error.is_none() {
            self.size += piece.len() as u64;
            self.error = self.file.write_all(piece).err();
        }
    }

    /// Removes it.
    pub(super) fn discard(self) {
        // What cannot be removed now is at the next start.
        drop(self.files.remove(&self.path));
    }

    /// Makes it the snapshot of the state before entry `next`, removes older ones, and gives its size.
    pub(super) fn finish(self, directory: &Directory, next: u64) -> io::Result<u64> {
        let Self { path, files, file, size, error } = self;
        let finish = || {
            error.map_or(Ok(()), Err)?;
            file.into_inner().map_err(io::IntoInnerError::into_error)?.sync()?;
            files.rename(&path, &directory.snapshot(next))?;
            directory.sync()?;
            for older in directory.snapshots()?.into_iter().filter(|older| *older < next) {
                files.remove(&directory.snapshot(older))?;
            }
            Ok(size)
        };
        let finished = finish();
        if finished.is_err() {
            // What cannot be removed now is at the next start.
            drop(files.remove(&path));
        }
        finished
    }
}

/// The number up to which entries were durable, as a file that is written after each sync and not synced itself.
///
/// A store that ends before it has lost entries that were acknowledged. The end of the store alone does not tell: its last
/// transaction looks the same whether it was never finished or damaged later.
#[derive(Debug)]
pub(super) struct Watermark(File);

const WATERMARK_LEN: usize = 12;

impl Watermark {
    pub(super) fn create(path: &Path, next: u64) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        let mut watermark = Self(file);
        watermark.set(next)?;
        watermark.0.sync_all()?;
        Ok(watermark)
    }

    pub(super) fn set(&mut self, next: u64) -> io::Result<()> {
        let number = next.to_be_bytes();
        let mut bytes = [0; WATERMARK_LEN];
        bytes[..8].copy_from_slice(&number);
        bytes[8..].copy_from_slice(&crc32fast::hash(&number).to_be_bytes());
        self.0.rewind()?;
        self.0.write_all(&bytes)
    }

    pub(super) fn sync(&self) -> io::Result<()> {
        self.0.sync_all()
    }

    /// What the file says; nothing if there is none.
    pub(super) fn read(path: &Path) -> Result<Option<u64>, JournalError> {
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(JournalError::Io(path.to_owned(), error)),
        };
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(JournalError::io(path))?;
        let number = bytes.first_chunk().filter(|number: &&[u8; 8]| {
            bytes.len() == WATERMARK_LEN && bytes[8..] == crc32fast::hash(*number).to_be_bytes()
        });
        let damaged =
            || JournalError::damaged(path, "it is damaged: without it, lost entries cannot be told");
        number.map(|number| Some(u64::from_be_bytes(*number))).ok_or_else(damaged)
    }
}

/// Opens the store's file, or makes it.
pub(super) fn open_backend(path: &Path) -> io::Result<Box<dyn redb::StorageBackend>> {
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
    match FileBackend::new(file) {
        Ok(backend) => Ok(Box::new(backend)),
        Err(error) => Err(io::Error::other(error)),
    }
}
