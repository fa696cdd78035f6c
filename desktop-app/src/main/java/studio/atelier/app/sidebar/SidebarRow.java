package studio.atelier.app.sidebar;

import studio.atelier.app.library.Conversation;

/** A line of the list. */
public sealed interface SidebarRow {
    /**
     * A heading.
     *
     * @param key where its words are looked up
     */
    record Section(String key) implements SidebarRow {}

    /** A conversation that can be chosen. */
    record Chat(Conversation conversation) implements SidebarRow {}
}
