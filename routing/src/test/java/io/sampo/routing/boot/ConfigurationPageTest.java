package io.sampo.routing.boot;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * docs/configuration.md says what the reference.conf files say. After a change there, write the
 * page anew: {@code mvn -pl routing -am test -Dtest=ConfigurationPageTest -Ddocs.write=true
 * -Dsurefire.failIfNoSpecifiedTests=false}.
 */
final class ConfigurationPageTest {
  private static final Path PAGE = Path.of("..", "docs", "configuration.md");
  private static final String ROOT = "sampo";

  /** Dispatchers and plugins: what Pekko reads, of no interest on this page. */
  private static final Set<String> PLUMBING =
      Set.of("sampo.commit-log", "sampo.journal", "sampo.snapshot-store");

  private static final String INTRODUCTION =
      """
      # Settings

      What a node can be told, with the defaults. A node reads, the stronger first: `-Dname=value` on its command line,
      system properties of its JVM (`SAMPO_OPTS`), the file given with `-c` or else `application.conf` in the
      installation's root, and the `reference.conf` of each module, which this page is made from.

      ```hocon
      sampo {
        node.host = "192.0.2.10"
        log { flush = async, segment-size = 256 MiB }
      }
      ```

      Sizes are in bytes unless a unit is given (`KiB`, `MiB`, `GiB`), times take `ms`, `s`, `m`, `h`, `d`. A wrong value and an
      unknown name stop the start with one line each and exit code 2. The dispatchers and the persistence plugins, which
      hardly anybody needs to change, are explained in `cluster/src/main/resources/reference.conf`.
      """;

  @Test
  void thePageSaysWhatTheReferenceFilesSay() throws IOException {
    String page = render();
    if (Boolean.getBoolean("docs.write")) {
      Files.writeString(PAGE, page);
    }

    assertThat(Files.readString(PAGE))
        .as("docs/configuration.md is out of date; see %s", ConfigurationPageTest.class)
        .isEqualTo(page);
  }

  private static String render() throws IOException {
    Map<String, Map<String, String>> sections = new TreeMap<>();
    for (URL file :
        Collections.list(
            ConfigurationPageTest.class.getClassLoader().getResources("reference.conf"))) {
      Config config = ConfigFactory.parseURL(file);
      if (config.hasPath(ROOT)) {
        visit(ROOT, config.getObject(ROOT), sections);
      }
    }
    sections.keySet().removeAll(PLUMBING);
    StringBuilder page = new StringBuilder(INTRODUCTION);
    sections.forEach(
        (section, settings) -> {
          page.append("\n## ").append(section).append('\n');
          settings.values().forEach(text -> page.append('\n').append(text).append('\n'));
        });
    return page.toString();
  }

  private static void visit(
      String path, ConfigObject object, Map<String, Map<String, String>> sections) {
    object.forEach(
        (key, value) -> {
          String name = path + "." + key;
          if (value instanceof ConfigObject child && !child.isEmpty()) {
            visit(name, child, sections);
          } else {
            int sectionEnd = name.indexOf('.', ROOT.length() + 1);
            String section = sectionEnd < 0 ? ROOT : name.substring(0, sectionEnd);
            sections
                .computeIfAbsent(section, missing -> new TreeMap<>())
                .put(name, describe(name, value));
          }
        });
  }

  private static String describe(String name, ConfigValue value) {
    String comment =
        value.origin().comments().stream().map(String::strip).collect(Collectors.joining("\n"));
    return "**`"
        + name
        + "`** = `"
        + value.render(ConfigRenderOptions.concise()).replace("\"", "")
        + "`  \n"
        + comment;
  }
}
