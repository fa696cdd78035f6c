package studio.atelier.installers;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The system's own programs that packages are made with. They are looked for first: the work before takes minutes. */
final class NeededPrograms {
    private NeededPrograms() {}

    /**
     * Looks for them.
     *
     * @param types the packages that are wanted
     * @param path folders of programs, as the variable {@code PATH} has them
     * @throws IOException when one is missing, with what to do
     */
    static void check(TargetSystem.Kind system, List<String> types, String path) throws IOException {
        switch (system) {
            case LINUX -> {
                need("strip", "binutils", "Every package", path);
                if (types.contains("deb")) {
                    need("dpkg-deb", "dpkg", "A .deb", path);
                    need("fakeroot", "fakeroot", "A .deb", path);
                }
                if (types.contains("rpm")) {
                    need("rpmbuild", "rpm (rpm-build on Fedora)", "An .rpm", path);
                }
            }
            // jpackage names what it misses itself: Xcode's tools, WiX.
            case MACOS, WINDOWS -> {}
        }
    }

    private static void need(String program, String from, String what, String path) throws IOException {
        for (String folder : path.split(File.pathSeparator)) {
            if (Files.isExecutable(Path.of(folder, program))) {
                return;
            }
        }
        throw new IOException(what + " is made with " + program + ", which is not on the PATH: install " + from
                + ", or name the packages that you want, such as -Datelier.packages=deb, rpm or image.");
    }
}
