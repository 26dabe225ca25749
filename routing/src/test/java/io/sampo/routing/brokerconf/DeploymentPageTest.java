package io.sampo.routing.brokerconf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * The table in docs/deployment.md says what {@link PropertyTable} does. After a change there, write
 * it anew: {@code mvn -pl routing -am test -Dtest=DeploymentPageTest -Ddocs.write=true
 * -Dsurefire.failIfNoSpecifiedTests=false}.
 */
final class DeploymentPageTest {
  private static final Path PAGE = Path.of("..", "docs", "deployment.md");
  private static final String BEGIN = "<!-- properties: made by DeploymentPageTest -->\n";
  private static final String END = "<!-- end of properties -->\n";

  @Test
  void theTableSaysWhatTheProgramDoes() throws IOException {
    String page = Files.readString(PAGE);
    String expected = withTable(page);
    if (Boolean.getBoolean("docs.write")) {
      Files.writeString(PAGE, expected);
    }

    assertThat(Files.readString(PAGE))
        .as("docs/deployment.md is out of date; see %s", DeploymentPageTest.class)
        .isEqualTo(expected);
  }

  private static String withTable(String page) {
    int begin = page.indexOf(BEGIN) + BEGIN.length();
    int end = page.indexOf(END);
    assertThat(end).as("place of the table").isGreaterThanOrEqualTo(begin);
    StringBuilder table = new StringBuilder("| broker.conf | Sampo | |\n| --- | --- | --- |\n");
    PropertyTable.all()
        .forEach(
            (name, meaning) ->
                table.append(
                    "| `%s` | %s | %s |\n"
                        .formatted(
                            name,
                            meaning.setting().isEmpty() ? "–" : "`" + meaning.setting() + "`",
                            meaning.note())));
    return page.substring(0, begin) + table + page.substring(end);
  }
}
