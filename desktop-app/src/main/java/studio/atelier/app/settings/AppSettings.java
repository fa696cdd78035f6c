package studio.atelier.app.settings;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import studio.atelier.app.i18n.Language;
import studio.atelier.app.theme.Appearance;

/**
 * What the person chose for the whole program, and how the window was left.
 *
 * @param language empty for the system's
 * @param textStep pixels that all text is larger than normal
 * @param openedModels folders of models opened before, the latest first
 * @param lastModel the one that was open last
 * @param place where the window was; empty before the first start
 */
public record AppSettings(
        Optional<Language> language,
        Appearance appearance,
        int textStep,
        List<Path> openedModels,
        Optional<Path> lastModel,
        Columns columns,
        Optional<Place> place) {
    /** Which columns the person wants beside the messages. */
    public record Columns(boolean sidebar, boolean inspector) {}

    /** Where the window stands on the screen. */
    public record Place(double x, double y, double width, double height) {}

    public AppSettings {
        openedModels = List.copyOf(openedModels);
    }

    /** What the first start begins with. */
    public static AppSettings usual() {
        return new AppSettings(
                Optional.empty(),
                Appearance.SYSTEM,
                0,
                List.of(),
                Optional.empty(),
                new Columns(true, false),
                Optional.empty());
    }

    public AppSettings withLanguage(Optional<Language> chosen) {
        return new AppSettings(chosen, appearance, textStep, openedModels, lastModel, columns, place);
    }

    public AppSettings withAppearance(Appearance chosen) {
        return new AppSettings(language, chosen, textStep, openedModels, lastModel, columns, place);
    }

    public AppSettings withTextStep(int step) {
        return new AppSettings(language, appearance, step, openedModels, lastModel, columns, place);
    }

    public AppSettings withModels(List<Path> opened, Optional<Path> last) {
        return new AppSettings(language, appearance, textStep, opened, last, columns, place);
    }

    public AppSettings withColumns(Columns shown) {
        return new AppSettings(language, appearance, textStep, openedModels, lastModel, shown, place);
    }

    public AppSettings withPlace(Place now) {
        return new AppSettings(language, appearance, textStep, openedModels, lastModel, columns, Optional.of(now));
    }
}
