//! What a process that reads untrusted files must not do: talk to a network, write or change
//! files, start programs.

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) use linux::enter;

/// Nothing to enter on this system.
#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
pub(super) fn enter() -> anyhow::Result<bool> {
    Ok(false)
}

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod linux {
    use std::collections::BTreeMap;

    use anyhow::Context;
    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
        SeccompRule, TargetArch,
    };

    /// Calls that fail with `EPERM`. Opening a file to write is told apart below.
    const DENIED: &[libc::c_long] = &[
        libc::SYS_socket,
        libc::SYS_socketpair,
        libc::SYS_connect,
        libc::SYS_bind,
        libc::SYS_listen,
        libc::SYS_accept,
        libc::SYS_accept4,
        libc::SYS_sendto,
        libc::SYS_sendmsg,
        libc::SYS_sendmmsg,
        // It would go round this filter.
        libc::SYS_io_uring_setup,
        libc::SYS_io_uring_enter,
        libc::SYS_io_uring_register,
        libc::SYS_execve,
        libc::SYS_execveat,
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_pidfd_getfd,
        libc::SYS_bpf,
        libc::SYS_mount,
        libc::SYS_unlinkat,
        libc::SYS_renameat2,
        libc::SYS_mkdirat,
        libc::SYS_linkat,
        libc::SYS_symlinkat,
        libc::SYS_mknodat,
        libc::SYS_truncate,
        libc::SYS_fchmodat,
        libc::SYS_fchownat,
        // Its flags stand in memory, where a filter cannot look; no library needs it.
        libc::SYS_openat2,
    ];

    #[cfg(target_arch = "x86_64")]
    const DENIED_OLD: &[libc::c_long] = &[
        libc::SYS_creat,
        libc::SYS_unlink,
        libc::SYS_rename,
        libc::SYS_renameat,
        libc::SYS_mkdir,
        libc::SYS_rmdir,
        libc::SYS_link,
        libc::SYS_symlink,
        libc::SYS_mknod,
        libc::SYS_chmod,
        libc::SYS_chown,
        libc::SYS_fork,
        libc::SYS_vfork,
    ];
    #[cfg(target_arch = "aarch64")]
    const DENIED_OLD: &[libc::c_long] = &[libc::SYS_renameat];

    /// Filters the calls of this thread and of those it starts; `true` when the filter is in force.
    pub(in super::super) fn enter() -> anyhow::Result<bool> {
        let program = program().context("cannot build the system call filter")?;
        seccompiler::apply_filter(&program).context("cannot apply the system call filter")?;
        Ok(true)
    }

    fn program() -> anyhow::Result<BpfProgram> {
        let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
            DENIED.iter().chain(DENIED_OLD).map(|call| (*call, Vec::new())).collect();
        rules.insert(libc::SYS_openat, writing(2)?);
        #[cfg(target_arch = "x86_64")]
        rules.insert(libc::SYS_open, writing(1)?);
        let arch = TargetArch::try_from(std::env::consts::ARCH)?;
        let denied = SeccompAction::Errno(libc::EPERM.unsigned_abs());
        let filter = SeccompFilter::new(rules, SeccompAction::Allow, denied, arch)?;
        Ok(filter.try_into()?)
    }

    /// Opening with flags, which are this argument, that allow to write or create.
    fn writing(argument: u8) -> anyhow::Result<Vec<SeccompRule>> {
        let masks = [libc::O_WRONLY, libc::O_RDWR, libc::O_CREAT];
        let rule = |mask: i32| -> anyhow::Result<SeccompRule> {
            let mask = u64::from(mask.unsigned_abs());
            let op = SeccompCmpOp::MaskedEq(mask);
            let condition = SeccompCondition::new(argument, SeccompCmpArgLen::Dword, op, mask)?;
            Ok(SeccompRule::new(vec![condition])?)
        };
        masks.into_iter().map(rule).collect()
    }

    #[cfg(test)]
    #[expect(clippy::unwrap_used, reason = "tests fail loudly")]
    mod tests {
        use std::io::ErrorKind;

        /// A filter holds for the thread that entered it, so each test takes a thread.
        fn inside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
            let thread = std::thread::spawn(|| {
                assert!(super::enter().unwrap());
                work()
            });
            thread.join().unwrap()
        }

        #[test]
        fn there_is_no_network_inside() {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            let kinds = inside(move || {
                [
                    std::net::TcpStream::connect(address).unwrap_err().kind(),
                    std::net::TcpListener::bind("127.0.0.1:0").unwrap_err().kind(),
                    std::net::UdpSocket::bind("127.0.0.1:0").unwrap_err().kind(),
                    std::os::unix::net::UnixStream::pair().unwrap_err().kind(),
                ]
            });
            assert_eq!(kinds, [ErrorKind::PermissionDenied; 4]);
        }

        #[test]
        fn files_can_be_read_but_not_changed_inside() {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("file");
            std::fs::write(&path, "as it was").unwrap();
            let inner = path.clone();
            let (read, kinds) = inside(move || {
                let other = inner.with_extension("other");
                let kinds = [
                    std::fs::write(&inner, "changed").unwrap_err().kind(),
                    std::fs::write(&other, "new").unwrap_err().kind(),
                    std::fs::rename(&inner, &other).unwrap_err().kind(),
                    std::fs::remove_file(&inner).unwrap_err().kind(),
                    std::fs::create_dir(&other).unwrap_err().kind(),
                ];
                (std::fs::read_to_string(&inner), kinds)
            });
            assert_eq!(read.unwrap(), "as it was");
            assert_eq!(kinds, [ErrorKind::PermissionDenied; 5]);
        }

        #[test]
        fn no_program_can_be_started_inside() {
            let kind =
                inside(|| std::process::Command::new("/bin/true").status().unwrap_err().kind());
            assert_eq!(kind, ErrorKind::PermissionDenied);
        }
    }
}
