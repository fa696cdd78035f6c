package studio.atelier.models.hub;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Where a token that the person typed is kept: the Keychain on macOS, the Secret Service where {@code secret-tool} speaks
 * to one, otherwise a file that nobody else can read. The secret goes to those programs through their standard input,
 * never as an argument, which other people's programs could see.
 */
public sealed interface TokenStore {
    /** The name that the system's own key manager shows. */
    String SERVICE = "Atelier model hub";

    /** What is kept; empty when nothing is. */
    Optional<HubToken> read() throws IOException;

    /** Keeps it in place of what was kept. */
    void write(HubToken token) throws IOException;

    /** Forgets what was kept. */
    void remove() throws IOException;

    /**
     * The best place of this machine.
     *
     * @param variables of the environment, for {@code PATH} and the session's bus
     * @param dataFolder for the file where there is nothing better
     */
    static TokenStore of(String system, Map<String, String> variables, Path dataFolder) {
        TokenFile file = new TokenFile(dataFolder.resolve("hub-token"));
        if (system.toLowerCase(Locale.ROOT).startsWith("mac")) {
            return new Keychain(Path.of("/usr/bin/security"));
        }
        boolean hasBus = !variables.getOrDefault("DBUS_SESSION_BUS_ADDRESS", "").isEmpty();
        for (String folder : variables.getOrDefault("PATH", "").split(":")) {
            if (hasBus && folder.startsWith("/") && Files.isExecutable(Path.of(folder, "secret-tool"))) {
                return new SecretService(Path.of(folder, "secret-tool"), file);
            }
        }
        return file;
    }

    /** A file with the rights of its owner alone. */
    record TokenFile(Path file) implements TokenStore {
        private static final int LONGEST_BYTES = 16_384;

        @Override
        public Optional<HubToken> read() throws IOException {
            if (!Files.isRegularFile(file) || Files.size(file) > LONGEST_BYTES) {
                return Optional.empty();
            }
            return tokenOf(Files.readString(file), file.toString());
        }

        @Override
        public void write(HubToken token) throws IOException {
            Path folder = file.toAbsolutePath().getParent();
            Files.createDirectories(folder == null ? file.toAbsolutePath() : folder);
            Path beside = file.resolveSibling(file.getFileName() + ".new");
            Files.deleteIfExists(beside);
            // The rights are there before the secret is.
            if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                Files.createFile(
                        beside, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            }
            Files.writeString(beside, token.secret());
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }

        @Override
        public void remove() throws IOException {
            Files.deleteIfExists(file);
        }
    }

    /** The Keychain, through the tool that every Mac has. */
    record Keychain(Path tool) implements TokenStore {
        private static final int NOT_FOUND = 44;

        @Override
        public Optional<HubToken> read() throws IOException {
            Answer answer = run(List.of(tool.toString(), "find-generic-password", "-s", SERVICE, "-w"), "");
            if (answer.status() == NOT_FOUND) {
                return Optional.empty();
            }
            answer.check("The Keychain did not give the token");
            return tokenOf(answer.text(), "the Keychain");
        }

        @Override
        public void write(HubToken token) throws IOException {
            String command =
                    "add-generic-password -U -s \"" + SERVICE + "\" -a atelier -w \"" + token.secret() + "\"\n";
            run(List.of(tool.toString(), "-i"), command).check("The Keychain did not take the token");
        }

        @Override
        public void remove() throws IOException {
            Answer answer = run(List.of(tool.toString(), "delete-generic-password", "-s", SERVICE), "");
            if (answer.status() != NOT_FOUND) {
                answer.check("The Keychain did not remove the token");
            }
        }
    }

    /**
     * The Secret Service of the desktop.
     *
     * @param otherwise takes its place while no service answers, as in a session without a desktop
     */
    record SecretService(Path tool, TokenFile otherwise) implements TokenStore {
        @Override
        public Optional<HubToken> read() throws IOException {
            Answer answer = run(List.of(tool.toString(), "lookup", "application", SERVICE), "");
            return answer.status() == 0 && !answer.text().isBlank()
                    ? tokenOf(answer.text(), "the Secret Service")
                    : otherwise.read();
        }

        @Override
        public void write(HubToken token) throws IOException {
            Answer answer = run(
                    List.of(tool.toString(), "store", "--label=" + SERVICE, "application", SERVICE), token.secret());
            if (answer.status() == 0) {
                otherwise.remove();
            } else {
                otherwise.write(token);
            }
        }

        @Override
        public void remove() throws IOException {
            run(List.of(tool.toString(), "clear", "application", SERVICE), "");
            otherwise.remove();
        }
    }

    /** What a program said. */
    record Answer(int status, String text) {
        private void check(String what) throws IOException {
            if (status != 0) {
                throw new IOException(what + " (status " + status + "); set HF_TOKEN instead.");
            }
        }
    }

    private static Answer run(List<String> command, String input) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (var stream = process.getOutputStream()) {
            stream.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // A program that reads nothing may have ended already; its status says how.
        }
        try {
            String text = new String(process.getInputStream().readNBytes(16_384), StandardCharsets.UTF_8);
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(command.getFirst() + " did not answer within 30 s; set HF_TOKEN instead.");
            }
            return new Answer(process.exitValue(), text);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("Reading the token was interrupted.", e);
        }
    }

    private static Optional<HubToken> tokenOf(String text, String where) throws IOException {
        if (text.isBlank()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new HubToken(text));
        } catch (IllegalArgumentException e) {
            throw new IOException("What " + where + " holds is no token; enter it again in the settings.", e);
        }
    }
}
