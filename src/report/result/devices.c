/* devices.c - the list of devices for machines. */
#include "alexnet/dev/report.h"

#include "alexnet/dev/rt.h"
#include "base/json.h"

static cJSON *device_json(const alx_device_info *d)
{
    cJSON *object = cJSON_CreateObject();

    base_json_add_number(object, "index", d->index);
    base_json_add_text(object, "type", alx_device_type_name(d->type));
    base_json_add_text(object, "name", d->name);
    base_json_add_text(object, "vendor", d->vendor);
    base_json_add_text(object, "version", d->version);
    base_json_add_text(object, "driver", d->driver);
    base_json_add_text(object, "platform", d->platform);
    base_json_add_text(object, "platform_version", d->platform_version);
    base_json_add_number(object, "compute_units", d->compute_units);
    base_json_add_number(object, "global_bytes", (double)d->global_bytes);
    base_json_add_number(object, "max_alloc_bytes", (double)d->max_alloc_bytes);
    base_json_add_number(object, "local_bytes", (double)d->local_bytes);
    base_json_add_number(object, "max_group", (double)d->max_group);
    return object;
}

int alx_devices_json(char **text, const alx_device_info *list, size_t count)
{
    cJSON *tree = cJSON_CreateArray();

    for (size_t i = 0; i < count; ++i)
        base_json_append(tree, device_json(&list[i]));
    return base_json_take(text, tree);
}
