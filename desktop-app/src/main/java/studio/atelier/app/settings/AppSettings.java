package studio.atelier.app.settings;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import studio.atelier.app.i18n.Language;
import studio.atelier.app.theme.Appearance;
import studio.atelier.engine.CacheChoice;

/**
 * What the person chose for the whole program, and how the window was left.
 *
 * @param language empty for the system's
 * @param textStep pixels that all text is larger than normal
 * @param openedModels folders of models opened before, the latest first
 * @param lastModel the one that was open last
 * @param place where the window was; empty before the first start
 * @param updates whether and where to look for newer versions
 * @param cache how models that are opened keep what they have read
 */
public record AppSettings(
        Optional<Language> language,
        Appearance appearance,
        int textStep,
        List<Path> openedModels,
        Optional<Path> lastModel,
        Columns columns,
        Optional<Place> place,
        Updates updates,
        CacheChoice cache) {
    /** Which columns the person wants beside the messages. */
    public record Columns(boolean sidebar, boolean inspector) {}

    /** Where the window stands on the screen. */
    public record Place(double x, double y, double width, double height) {}

    /**
     * Looking for newer versions, which is off until a person asks for it.
     *
     * @param atStart whether to look whenever the program starts
     * @param address of the version file; empty for none
     * @param skipped a version that is not to be offered
     */
    public record Updates(boolean atStart, String address, Optional<String> skipped) {
        /** Names the address that a package of the program comes with. */
        static final String ADDRESS = "atelier.updates";

        static Updates usual() {
            return new Updates(false, System.getProperty(ADDRESS, ""), Optional.empty());
        }
    }

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
                Optional.empty(),
                Updates.usual(),
                CacheChoice.AUTOMATIC);
    }

    public AppSettings withLanguage(Optional<Language> chosen) {
        return new AppSettings(chosen, appearance, textStep, openedModels, lastModel, columns, place, updates, cache);
    }

    public AppSettings withAppearance(Appearance chosen) {
        return new AppSettings(language, chosen, textStep, openedModels, lastModel, columns, place, updates, cache);
    }

    public AppSettings withTextStep(int step) {
        return new AppSettings(language, appearance, step, openedModels, lastModel, columns, place, updates, cache);
    }

    public AppSettings withModels(List<Path> opened, Optional<Path> last) {
        return new AppSettings(language, appearance, textStep, opened, last, columns, place, updates, cache);
    }

    public AppSettings withColumns(Columns shown) {
        return new AppSettings(language, appearance, textStep, openedModels, lastModel, shown, place, updates, cache);
    }

    public AppSettings withPlace(Place now) {
        return new AppSettings(
                language, appearance, textStep, openedModels, lastModel, columns, Optional.of(now), updates, cache);
    }

    public AppSettings withUpdates(Updates chosen) {
        return new AppSettings(language, appearance, textStep, openedModels, lastModel, columns, place, chosen, cache);
    }

    public AppSettings withCache(CacheChoice chosen) {
        return new AppSettings(
                language, appearance, textStep, openedModels, lastModel, columns, place, updates, chosen);
    }
}
