for program in sftp-server /usr/lib/openssh/sftp-server /usr/libexec/openssh/sftp-server /usr/libexec/sftp-server \
    /usr/lib/ssh/sftp-server /usr/lib/sftp-server /usr/local/libexec/sftp-server /opt/libexec/sftp-server; do
    program=$(command -v "$program") || continue
    echo "$$ $(begun $$) $(boot)"
    exec "$program"
done
echo "there is no program sftp-server; it comes with OpenSSH" >&2
exit 1
