package io.sampo.routing.boot;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.io.IOException;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Every setting of Sampo's is explained where its default is, and has one home. */
final class ReferenceConfTest {
  @Test
  void everySettingOfOursHasAComment() throws IOException {
    List<String> bare = new ArrayList<>();
    for (URL file : referenceFiles()) {
      visit(
          file,
          (path, value) -> {
            if (value.origin().comments().isEmpty()) {
              bare.add(path + " in " + file);
            }
          });
    }

    assertThat(bare).isEmpty();
  }

  @Test
  void noSettingOfOursHasItsDefaultInTwoFiles() throws IOException {
    Map<String, URL> homes = new HashMap<>();
    List<String> twice = new ArrayList<>();
    for (URL file : referenceFiles()) {
      visit(
          file,
          (path, value) -> {
            URL other = homes.putIfAbsent(path, file);
            if (other != null) {
              twice.add(path + " in " + other + " and " + file);
            }
          });
    }

    assertThat(twice).isEmpty();
    assertThat(homes).containsKeys("sampo.broker.port", "sampo.data-dir");
  }

  private static List<URL> referenceFiles() throws IOException {
    return Collections.list(
        ReferenceConfTest.class.getClassLoader().getResources("reference.conf"));
  }

  private static void visit(URL file, Visitor visitor) {
    Config config = ConfigFactory.parseURL(file);
    if (config.hasPath("sampo")) {
      visit("sampo", config.getObject("sampo"), visitor);
    }
  }

  private static void visit(String path, ConfigObject object, Visitor visitor) {
    object.forEach(
        (key, value) -> {
          if (value instanceof ConfigObject child && !child.isEmpty()) {
            visit(path + "." + key, child, visitor);
          } else {
            visitor.visit(path + "." + key, value);
          }
        });
  }

  private interface Visitor {
    void visit(String path, ConfigValue value);
  }
}
