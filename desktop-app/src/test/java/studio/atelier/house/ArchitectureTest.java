package studio.atelier.house;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.net.http.HttpClient;
import java.util.List;
import javafx.scene.Node;
import org.junit.jupiter.api.Test;
import studio.atelier.engine.EngineException;

/** Who may use whom. Each rule says why it is there. */
final class ArchitectureTest {
    private static final JavaClasses STUDIO = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("studio.atelier");

    private static final String ENGINE = "studio.atelier.engine";
    private static final String[] FEATURES = {"chat", "images", "models", "settings"};

    @Test
    void modulesDependDownwards() {
        check(noClasses()
                .that()
                .resideInAPackage(ENGINE + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("studio.atelier.models..", "studio.atelier.app..", "studio.atelier.cli..")
                .because("the engine must be usable without a window and without a network"));
        check(noClasses()
                .that()
                .resideInAPackage("studio.atelier.models..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("studio.atelier.app..", "studio.atelier.cli..", "studio.atelier.server..")
                .because("models are installed in the same way from the window, the terminal and the server"));
        check(noClasses()
                .that()
                .resideInAPackage("studio.atelier.assets..")
                .should()
                .dependOnClassesThat(areOfTheStudioOutside("studio.atelier.assets"))
                .because("assets are files and the way to them, nothing else"));
    }

    @Test
    void packagesAreFreeOfCycles() {
        check(slices().matching("studio.atelier.(**)")
                .should()
                .beFreeOfCycles()
                .ignoreDependency(DescribedPredicate.alwaysTrue(), isTheRefusalEveryRoomMaySpeak())
                .because("a package that needs its own user can't be read on its own"));
    }

    @Test
    void engineIsSeenThroughItsPublicFace() {
        check(noClasses()
                .that()
                .resideInAnyPackage("studio.atelier.app..", "studio.atelier.cli..", "studio.atelier.server..")
                .should()
                .dependOnClassesThat(areInTheEngineOutside("", "chat", "image"))
                .because("a window that knows tensors can't follow when the engine changes"));
        check(noClasses()
                .that()
                .resideInAPackage("studio.atelier.models..")
                .should()
                .dependOnClassesThat(areInTheEngineOutside("", "chat", "image", "weights", "quantize", "tensor"))
                .because("installing a model needs its files and formats, not the way it computes"));
    }

    @Test
    void engineDependsDownwards() {
        List<String> levels = List.of("generate", "models", "nn", "cache", "tensor");
        for (int level = 1; level < levels.size(); level++) {
            String[] above = levels.subList(0, level).stream()
                    .map(name -> ENGINE + "." + name + "..")
                    .toArray(String[]::new);
            check(noClasses()
                    .that()
                    .resideInAPackage(ENGINE + "." + levels.get(level) + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(above)
                    .because("a prompt goes down through these rooms once: " + String.join(" → ", levels)));
        }
        check(noClasses()
                .that()
                .resideInAnyPackage(ENGINE + ".models..", ENGINE + ".nn..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(ENGINE + ".backend..", ENGINE + ".weights..", "java.lang.foreign..")
                .because("an architecture reads like its paper: no processor, no file format, no memory addresses"));
    }

    @Test
    void foreignCodeStaysInItsRooms() {
        check(noClasses()
                .that()
                .resideOutsideOfPackages(
                        ENGINE + ".backend.ffi..", ENGINE + ".backend.metal..", ENGINE + ".backend.cpu.emit..")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.foreign.Linker")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.foreign.SymbolLookup")
                .because("a wrong native signature crashes the program; few files may hold one"));
        check(noClasses()
                .that()
                .resideOutsideOfPackage(ENGINE + ".backend.cpu..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("jdk.incubator.vector..")
                .because("an incubator API may change with every JDK, and every machine must run without it"));
    }

    @Test
    void networkStaysInItsRooms() {
        check(noClasses()
                .that()
                .resideOutsideOfPackages(
                        "studio.atelier.models.hub..",
                        "studio.atelier.models.download..",
                        "studio.atelier.app.remote..",
                        "studio.atelier.app.updates..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.net.http..")
                .because("nothing leaves the machine but by the rooms that say so"));
        check(noClasses()
                .that()
                .resideOutsideOfPackages("studio.atelier.models.hub..", "studio.atelier.app.instance..")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.nio.channels.SocketChannel")
                .because("bytes of files come over the hub's wires, and windows of this machine find each other"));
    }

    @Test
    void windowStaysInItsRooms() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage("studio.atelier.app..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("javafx..")
                .because("the server and the terminal run where no window can"));
        check(noClasses()
                .that()
                .haveSimpleNameEndingWith("ViewModel")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("javafx.scene..")
                .because("what a view shows is decided, and tested, without a view"));
        check(noClasses()
                .that()
                .resideOutsideOfPackage("studio.atelier.app.concurrent..")
                .should()
                .callMethod(javafx.application.Platform.class, "runLater", Runnable.class)
                .because("one place batches what comes from other threads, or the window drowns in small tasks"));
        check(classes()
                .that()
                .resideInAPackage("studio.atelier..")
                .should()
                .onlyDependOnClassesThat()
                .resideOutsideOfPackages("javafx.fxml..", "javax.inject..", "jakarta.inject..", "lombok..")
                .because("what is wired in plain constructors can be read and followed"));
    }

    @Test
    void featuresDoNotKnowEachOther() {
        for (String feature : FEATURES) {
            String[] others = java.util.Arrays.stream(FEATURES)
                    .filter(other -> !other.equals(feature))
                    .map(other -> "studio.atelier.app." + other + "..")
                    .toArray(String[]::new);
            check(noClasses()
                    .that()
                    .resideInAPackage("studio.atelier.app." + feature + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(others)
                    .because("each part of the window can be changed alone; Wiring joins them"));
        }
    }

    @Test
    void rulesRefuseWhatTheyForbid() {
        JavaClasses offenders = new ClassFileImporter().importClasses(Offender.class);
        ArchRule noNetwork = noClasses().should().dependOnClassesThat().resideInAPackage("java.net.http..");
        ArchRule noScene = noClasses().should().dependOnClassesThat().resideInAPackage("javafx.scene..");
        assertThrows(AssertionError.class, () -> noNetwork.check(offenders));
        assertThrows(AssertionError.class, () -> noScene.check(offenders));
        assertTrue(STUDIO.size() > 1, "the studio's own classes were not found");
    }

    private static void check(ArchRule rule) {
        rule.allowEmptyShould(true).check(STUDIO);
    }

    private static DescribedPredicate<JavaClass> isTheRefusalEveryRoomMaySpeak() {
        return DescribedPredicate.describe(
                "is the exception of the public face, or its reason",
                type -> type.getName().startsWith(EngineException.class.getName()));
    }

    private static DescribedPredicate<JavaClass> areOfTheStudioOutside(String room) {
        return DescribedPredicate.describe("are of the studio outside " + room, type -> {
            String name = type.getPackageName();
            return name.startsWith("studio.atelier") && !name.startsWith(room);
        });
    }

    private static DescribedPredicate<JavaClass> areInTheEngineOutside(String... rooms) {
        List<String> open = java.util.Arrays.stream(rooms)
                .map(room -> room.isEmpty() ? ENGINE : ENGINE + "." + room)
                .toList();
        return DescribedPredicate.describe("are in the engine outside " + open, type -> {
            String name = type.getPackageName();
            boolean engine = name.equals(ENGINE) || name.startsWith(ENGINE + ".");
            return engine && !open.contains(name);
        });
    }

    /** Breaks two rules at once, so that the rules are seen to bite. */
    private static final class Offender {
        private final List<Class<?>> forbidden = List.of(HttpClient.class, Node.class);
    }
}
