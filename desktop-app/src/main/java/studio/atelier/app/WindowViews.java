package studio.atelier.app;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import javafx.beans.binding.BooleanBinding;
import javafx.scene.Node;
import javafx.scene.Parent;
import javafx.scene.Scene;
import javafx.scene.control.Button;
import javafx.scene.control.MenuBar;
import javafx.scene.input.Clipboard;
import javafx.scene.input.ClipboardContent;
import javafx.scene.layout.StackPane;
import javafx.util.Subscription;
import org.jspecify.annotations.Nullable;
import org.kordamp.ikonli.feather.Feather;
import studio.atelier.app.chat.ChatHeader;
import studio.atelier.app.chat.ChatView;
import studio.atelier.app.chat.ChatViewModel;
import studio.atelier.app.chat.InspectorView;
import studio.atelier.app.controls.Buttons;
import studio.atelier.app.i18n.Messages;
import studio.atelier.app.images.ImagesView;
import studio.atelier.app.instance.OpenRequest;
import studio.atelier.app.library.Conversation;
import studio.atelier.app.library.HelpPage;
import studio.atelier.app.models.ModelPicker;
import studio.atelier.app.models.TokenView;
import studio.atelier.app.page.ChatPage;
import studio.atelier.app.page.HelpSheet;
import studio.atelier.app.page.PageEvent;
import studio.atelier.app.page.PageTheme;
import studio.atelier.app.page.PageWords;
import studio.atelier.app.settings.AppSettings;
import studio.atelier.app.settings.SettingsView;
import studio.atelier.app.shell.Action;
import studio.atelier.app.shell.Actions;
import studio.atelier.app.shell.Notices;
import studio.atelier.app.shell.Regions;
import studio.atelier.app.shell.Sections;
import studio.atelier.app.shell.SheetPane;
import studio.atelier.app.shell.ShellView;
import studio.atelier.app.sidebar.SidebarView;
import studio.atelier.app.theme.Theme;
import studio.atelier.app.updates.Release;
import studio.atelier.app.updates.ReleaseSheet;
import studio.atelier.app.updates.UpdatesView;
import studio.atelier.models.hub.RepoId;

/** All views of the window in one language, and what the person's actions do to them. */
final class WindowViews {
    private final Wiring wiring;
    private final Theme theme;
    private final Actions actions;
    private final Consumer<String> browser;
    private final Messages messages;
    private final ModelPicker picker;
    private final ChatView chat;
    private final InspectorView inspector;
    private final Sections sections;
    private final SidebarView sidebar;
    private final Notices notices;
    private final SheetPane sheets = new SheetPane();
    private final ShellView shell;
    private final StackPane root = new StackPane();
    private final Regions regions;
    private final Consumer<OpenRequest> arrivals;
    private final Subscription offers;
    private Subscription pageFollows = Subscription.EMPTY;
    private @Nullable ChatPage page;

    /**
     * Builds them.
     *
     * @param browser opens an address outside of the program
     * @param arrivals opens what a person chose as if it had been double-clicked
     */
    WindowViews(
            Wiring wiring,
            Theme theme,
            Actions actions,
            Scene scene,
            Consumer<String> browser,
            Consumer<OpenRequest> arrivals,
            Messages messages) {
        this.arrivals = arrivals;
        this.wiring = wiring;
        this.theme = theme;
        this.actions = actions;
        this.browser = browser;
        this.messages = messages;
        picker = new ModelPicker(wiring.models, messages);
        inspector = new InspectorView(wiring.chat, messages);
        notices = new Notices(messages.text("notice.close"));
        wiring.running.whenProcessorTakesOver(
                reason -> notices.say(messages.text("notice.processor-takes-over", reason)));
        Button showSidebar = toggle(Feather.SIDEBAR, Action.SIDEBAR);
        Button hideSidebar = toggle(Feather.SIDEBAR, Action.SIDEBAR);
        Button showInspector = toggle(Feather.SLIDERS, Action.INSPECTOR);
        showInspector.setId("show-inspector");
        ChatHeader header = new ChatHeader(wiring.chat, showSidebar, picker, showInspector, messages);
        chat = new ChatView(
                wiring.chat, header, new ChatView.Models(picker::chooseFolder, wiring.models::open), messages);
        sections = new Sections(chat, messages);
        SidebarFrame frame = new SidebarFrame(wiring.sections, sections, actions, messages);
        sidebar = new SidebarView(
                wiring.sidebar,
                new SidebarView.Commands(
                        () -> actions.run(Action.NEW_CHAT),
                        Action.NEW_CHAT.keysForPeople(),
                        Action.SEARCH_CHATS.keysForPeople(),
                        frame.header(hideSidebar),
                        frame.footer()),
                messages);
        shell = new ShellView(sidebar, sections, inspector, List.of(notices, sheets));
        AppSettings.Columns columns = wiring.settings.settings().columns();
        shell.sidebarWantedProperty().set(columns.sidebar());
        shell.inspectorWantedProperty().set(columns.inspector());
        shell.sidebarWantedProperty().addListener(_ -> keepColumns());
        shell.inspectorWantedProperty().addListener(_ -> keepColumns());
        shownOnlyWhen(showSidebar, shell.sidebarShownProperty().not());
        shell.inspectorWantedProperty().subscribe(on -> Buttons.mark(showInspector, on));
        root.getChildren().setAll(shell);
        addSystemMenu();
        regions = new Regions(
                scene,
                List.of(
                        new Regions.Region(sidebar, sidebar::focusList),
                        new Regions.Region(header, picker::focusPicker),
                        new Regions.Region(chat.messagesNode(), chat::focusMessages),
                        new Regions.Region(chat.composerNode(), chat::focusComposer),
                        new Regions.Region(sections.placeNode(), sections::focusView),
                        new Regions.Region(inspector, inspector::focusFirst)));
        wiring.whenSectionAsks(browser, this::returnToChat, file -> arrivals.accept(new OpenRequest.ModelFile(file)));
        wiring.whenImagesAsk(new ImagesWindow(sections, wiring.modelsSection, notices, sheets, messages));
        wiring.sidebar.whenDeleted(this::offerUndo);
        wiring.sidebar.whenChosen(sections::showHome);
        sections.shownProperty()
                .subscribe(section -> shell.inspectorFitsProperty().set(section.isEmpty()));
        offers = wiring.updates.offeredProperty().subscribe(this::offer);
        wiring.whenStoreFails(failure -> chat.showStoreFailure(Wiring.wordsOf(failure), wiring.parts.dataFolder()));
    }

    Parent root() {
        return root;
    }

    void focusComposer() {
        chat.focusComposer();
    }

    boolean hasPage() {
        return page != null;
    }

    /** Loads the page of the messages; takes a second, so the window is shown before. */
    void makePage() {
        ChatPage made = newPage(this::apply);
        page = made;
        chat.setPage(made);
    }

    private ChatPage newPage(Consumer<PageEvent> told) {
        ChatPage made = new ChatPage(PageWords.of(messages), wiring.background, wiring.frames, told);
        Subscription dark =
                theme.darkProperty().subscribe(night -> made.setTheme(night ? PageTheme.DARK : PageTheme.LIGHT));
        Subscription size = theme.textStepProperty().subscribe(_ -> made.setTextPixels(theme.messagePixels()));
        pageFollows = pageFollows.and(dark).and(size);
        return made;
    }

    /** Lets go of the views: others take their place, in another language. */
    void close() {
        pageFollows.unsubscribe();
        offers.unsubscribe();
        chat.close();
        if (page != null) {
            page.close();
        }
    }

    /** Says what the actions do in these views. */
    void define() {
        actions.define(Action.NEW_CHAT, this::startNew);
        actions.define(Action.OPEN_MODEL_FOLDER, picker::chooseFolder);
        actions.define(Action.SETTINGS, this::showSettings);
        actions.define(Action.EDIT_LAST_MESSAGE, this::editLast);
        actions.define(Action.ANSWER_AGAIN, wiring.chat::answerAgain);
        actions.define(Action.COPY_ANSWER, () -> wiring.chat.lastAnswer().ifPresent(this::copyAnswer));
        actions.define(Action.STOP_ANSWER, wiring.chat::stop);
        actions.define(Action.RENAME_CHAT, () -> withConversation(wiring.sidebar::startRenaming));
        actions.define(Action.DELETE_CHAT, () -> withConversation(wiring.sidebar::delete));
        actions.define(Action.SEARCH_CHATS, this::search);
        actions.define(Action.MODELS, () -> sections.show(wiring.modelsSection));
        actions.define(Action.IMAGES, () -> sections.show(wiring.imagesSection));
        actions.define(Action.DRAW_PICTURE, () -> onImages(() -> wiring.images.draw()));
        actions.define(Action.UNDO_EDIT, () -> onImages(() -> wiring.images.undo()));
        actions.define(Action.VARY_PICTURE, () -> onImages(() -> wiring.images.vary()));
        actions.define(
                Action.SAVE_PICTURE,
                () -> onImages(() -> sections.shownView(wiring.imagesSection)
                        .filter(ImagesView.class::isInstance)
                        .ifPresent(view -> ((ImagesView) view).save())));
        actions.define(Action.SIDEBAR, () -> flip(shell.sidebarWantedProperty()));
        actions.define(Action.INSPECTOR, () -> flip(shell.inspectorWantedProperty()));
        actions.define(Action.NEXT_REGION, () -> regions.step(1));
        actions.define(Action.PREVIOUS_REGION, () -> regions.step(-1));
        actions.define(Action.SWITCH_MODEL, picker::showList);
        actions.define(Action.LOAD_OR_UNLOAD, wiring.models::act);
        actions.define(Action.HELP, this::startNew);
        ChatTransfers transfers = new ChatTransfers(wiring, root, notices, arrivals, messages);
        actions.define(Action.EXPORT_CHAT, transfers::export);
        actions.define(Action.OPEN_CHAT, transfers::open);
        actions.defineJump(wiring.sidebar::jumpTo);
    }

    /** Pictures' actions mean the panel, and nothing while another part of the window is looked at. */
    private void onImages(Runnable task) {
        if (sections.shownProperty().get().filter(wiring.imagesSection::equals).isPresent()) {
            task.run();
        }
    }

    /** Looks at a repository of the hub. */
    void showRepository(String id) {
        sections.show(wiring.modelsSection);
        RepoId.find(id).ifPresent(wiring.hub.discover()::open);
    }

    /** Says something that is no error of the conversation. */
    void say(String text) {
        notices.say(text);
    }

    private void offer(Optional<Release> release) {
        if (release.isPresent()) {
            ReleaseSheet sheet = new ReleaseSheet(wiring.updates, release.get(), browser, messages);
            sheets.show(sheet);
            sheet.focusFirst();
        } else if (sheets.getContent() instanceof ReleaseSheet) {
            sheets.hide();
        }
    }

    void returnToChat() {
        sections.showHome();
        chat.focusComposer();
    }

    private void startNew() {
        sections.showHome();
        wiring.chat.startNew();
        chat.focusComposer();
    }

    private void editLast() {
        wiring.chat.editLast();
        chat.focusComposer();
    }

    private void search() {
        shell.sidebarWantedProperty().set(true);
        sidebar.focusSearch();
    }

    private void withConversation(Consumer<Conversation> task) {
        Conversation here = wiring.chat.conversationProperty().get();
        if (here != null) {
            task.accept(here);
        }
    }

    private void copyAnswer(String text) {
        ClipboardContent content = new ClipboardContent();
        content.putString(text);
        Clipboard.getSystemClipboard().setContent(content);
        notices.say(messages.text("notice.copied"));
    }

    private void showSettings() {
        SettingsView view = new SettingsView(
                wiring.settings,
                theme,
                messages,
                new TokenView(wiring.hub.token(), messages),
                new UpdatesView(wiring.updates, messages),
                sheets::hide);
        sheets.show(view);
        view.focusFirst();
    }

    private void offerUndo(ChatViewModel.Deleted deleted) {
        notices.offer(messages.text("chat.deleted"), messages.text("sidebar.undo"), () -> {
            if (!wiring.chat.bringBack(deleted)) {
                notices.say(messages.text("chat.undo-too-late"));
            }
        });
    }

    private void offerUndo(Conversation gone) {
        notices.offer(
                messages.text("sidebar.deleted", gone.titleProperty().get()), messages.text("sidebar.undo"), () -> {
                    wiring.sidebar.restore(gone);
                    wiring.chat.open(gone);
                });
    }

    private void apply(PageEvent event) {
        switch (event) {
            // The page itself shows that it was copied.
            case PageEvent.Copied _ -> {}
            case PageEvent.Edit _ -> editLast();
            case PageEvent.AnswerAgain _ -> wiring.chat.answerAgain();
            case PageEvent.Delete deleted -> wiring.chat.delete(deleted.key()).ifPresent(this::offerUndo);
            case PageEvent.OpenLink link -> browser.accept(link.address().toString());
            case PageEvent.OpenHelpPage help -> showHelp(help);
        }
    }

    private void showHelp(PageEvent.OpenHelpPage help) {
        wiring.background.atOnce(
                () -> wiring.parts.help().read(help.page()),
                text -> showHelp(help.page(), text.orElse(messages.text("help.gone"))),
                failure -> showHelp(help.page(), Wiring.wordsOf(failure)));
    }

    private void showHelp(HelpPage page, String text) {
        ChatPage reader = newPage(_ -> {});
        HelpSheet sheet = new HelpSheet(page.title(), text, reader, messages, sheets::hide);
        sheets.show(sheet);
        sheet.focusFirst();
    }

    private void keepColumns() {
        AppSettings.Columns now = new AppSettings.Columns(
                shell.sidebarWantedProperty().get(),
                shell.inspectorWantedProperty().get());
        wiring.settings.change(before -> before.withColumns(now));
    }

    private static void flip(javafx.beans.property.BooleanProperty wanted) {
        wanted.set(!wanted.get());
    }

    private static void shownOnlyWhen(Node node, BooleanBinding shown) {
        node.visibleProperty().bind(shown);
        node.managedProperty().bind(shown);
    }

    private Button toggle(Feather shape, Action action) {
        return Buttons.icon(shape, messages.text(action.key()), () -> actions.run(action));
    }

    private void addSystemMenu() {
        if (Action.isMac()) {
            MenuBar bar = new MenuBar();
            bar.setUseSystemMenuBar(true);
            bar.getMenus().setAll(actions.menus(messages));
            root.getChildren().add(bar);
        }
    }
}
